//! What `up` and `db` have in common: the DynamoDB with tables, keys and demo data.

use std::path::PathBuf;

use clap::Args;
use local_shop::{DynamoDb, Shop, dynamodb::Storage, environment, keys::write_private, tables};

use crate::{error::Failure, project::Project, seed::seed};

/// Where the data is kept.
#[derive(Args)]
pub struct Data {
    /// Keep the data in this folder [default: .shop/data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Keep the data in memory: everything is gone at the end
    #[arg(long, conflicts_with = "data")]
    ephemeral: bool,
}

impl Data {
    /// The folder, unless the data is in memory.
    pub fn folder(&self, project: &Project) -> Option<PathBuf> {
        let default = || project.state("data");
        (!self.ephemeral).then(|| self.data.clone().unwrap_or_else(default))
    }
}

/// A DynamoDB that is ready for the shop.
pub struct Local {
    pub db: DynamoDb,
    pub shop: Shop,
}

impl Local {
    /// Starts it on this port, 0 for one of the system's choice.
    pub async fn start(
        project: &Project,
        folder: Option<PathBuf>,
        port: u16,
    ) -> Result<Self, Failure> {
        let keys = project.keys()?;
        let shop = project.shop(&keys)?;
        let db = DynamoDb::start(folder.map_or(Storage::Memory, Storage::Folder), port).await?;
        tables::create(&db.client(), shop.tables()).await?;
        seed(&db, &shop).await?;
        Ok(Self { db, shop })
    }

    /// Writes the functions' environment for `cargo lambda watch --env-file`. It holds keys, so nobody else may read
    /// it.
    pub fn write_env_file(&self, file: PathBuf) -> Result<PathBuf, Failure> {
        let shared = environment::shared(self.shop.operations(), self.db.endpoint())?;
        write_private(&file, &environment::env_file(&shared)).map_err(Failure::at(&file))?;
        Ok(file)
    }
}
