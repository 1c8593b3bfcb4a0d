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
    /// Also when nobody has shown that the address is theirs
    #[arg(long)]
    unverified: bool,
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
        let failed = |source| Failure::Store {
            tables: table.clone(),
            place: found.place.clone(),
            source,
        };
        let address = email.as_str().to_owned();
        let account = users.account(&email).await.map_err(failed)?;
        let is_unverified = account.is_some_and(|account| !account.user.email_verified);
        // Whoever is first may register any address, and would be staff.
        if is_unverified && !self.unverified {
            return Err(Failure::Unverified(address));
        }
        if !users.grant_staff(&email).await.map_err(failed)? {
            return Err(Failure::NoAccount(address));
        }
        println!(
            "{} is staff from the next log-in or refresh on, and as such can't order or pay",
            email.as_str()
        );
        Ok(())
    }
}
