//! `cargo shop grant-staff`: nobody can make themselves staff over HTTP, so whoever owns the tables does it.

use std::sync::Arc;

use clap::Args;
use domain::Email;
use store::{Db, Users};

use crate::{error::Failure, target::Target};

#[derive(Args)]
pub struct GrantStaff {
    /// The account's e-mail address
    email: String,
    #[command(flatten)]
    target: Target,
    /// The table of accounts by its whole name [default: <shop>-users]
    #[arg(long, value_name = "NAME")]
    users_table: Option<String>,
}

impl GrantStaff {
    pub async fn run(self) -> Result<(), Failure> {
        let email = Email::parse(&self.email)?;
        let found = self.target.find(self.users_table.is_some())?;
        let table = self
            .users_table
            .unwrap_or_else(|| format!("{}-users", found.shop));
        let users = Users::new(Arc::new(Db::connect(&found.connection)), table.clone());
        let granted = users.grant_staff(&email).await;
        let granted = granted.map_err(|source| Failure::Store {
            tables: table,
            place: found.place,
            source,
        })?;
        if !granted {
            return Err(Failure::NoAccount(email.as_str().to_owned()));
        }
        println!(
            "{} is staff from the next log-in on, and as such can't order or pay",
            email.as_str()
        );
        Ok(())
    }
}
