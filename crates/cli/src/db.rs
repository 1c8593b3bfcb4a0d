//! `cargo shop db`: the DynamoDB alone, for whoever runs `cargo lambda watch` by hand.

use clap::Args;

use crate::{
    error::Failure,
    local::{Data, Local},
    processes::interrupted,
    project::Project,
    seed::{CUSTOMER, STAFF},
};

#[derive(Args)]
pub struct Db {
    /// Where the DynamoDB listens, on 127.0.0.1
    #[arg(long, default_value_t = 8000)]
    port: u16,
    #[command(flatten)]
    data: Data,
}

impl Db {
    pub async fn run(self) -> Result<(), Failure> {
        let project = Project::find()?;
        let lock = project.lock("db")?;
        let folder = self.data.folder(&project);
        let local = Local::start(&project, folder, self.port).await?;
        local.write_env_file(project.workspace.root.join(".env"))?;
        lock.announce("db", None, Some(local.db.endpoint()))?;
        println!(
            "DynamoDB  {}, with tables and demo data; Ctrl-C stops it",
            local.db.endpoint()
        );
        println!("Accounts  {} / {}", CUSTOMER.email, CUSTOMER.password);
        println!("          {} / {}", STAFF.email, STAFF.password);
        println!();
        println!("In other terminals:");
        println!("  cargo build --bins && cargo lambda watch --env-file .env");
        println!("  cargo shop events");
        println!("  cargo lambda invoke place-order --data-file .shop/events/place-order.json");
        interrupted().await;
        local.db.stop().await;
        println!("Stopped.");
        Ok(())
    }
}
