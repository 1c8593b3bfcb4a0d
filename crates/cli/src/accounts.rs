//! Which account a command is about: an address, in the table of accounts of a shop.

use std::sync::Arc;

use clap::Args;
use domain::Email;
use store::{Db, Users};

use crate::{error::Failure, target::Target};

/// An account as the command line names it.
#[derive(Args)]
pub struct AccountArgs {
    /// The account's e-mail address
    email: String,
    #[command(flatten)]
    target: Target,
    /// The table of accounts, by its whole name [default: <shop>-users]
    #[arg(long, value_name = "NAME", conflicts_with_all = ["shop", "url"])]
    users_table: Option<String>,
}

/// An address, and the table in which it may have an account.
pub struct Account {
    /// The address.
    pub email: Email,
    /// The table.
    pub users: Users,
    table: String,
    place: String,
    /// The arguments that name the shop.
    shop: Vec<String>,
}

impl AccountArgs {
    /// Finds the table.
    pub fn find(self) -> Result<Account, Failure> {
        let email = Email::parse(&self.email)?;
        let found = self.target.find(self.users_table.is_some())?;
        let table = self
            .users_table
            .unwrap_or_else(|| format!("{}-users", found.shop));
        Ok(Account {
            email,
            users: Users::new(Arc::new(Db::connect(&found.connection)), table.clone()),
            table,
            place: found.place,
            shop: self.target.arguments(),
        })
    }
}

impl Account {
    /// What it means that the store fails.
    pub fn failed(&self, source: store::Failure) -> Failure {
        Failure::of_store(&self.table, &self.place, source)
    }

    /// The command that prints the letters to the address.
    pub fn mail(&self) -> String {
        let mut line = vec!["cargo shop mail".to_owned()];
        line.extend_from_slice(&self.shop);
        line.push(format!("--to {}", self.email.as_str()));
        line.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        account: AccountArgs,
    }

    fn found(arguments: &[&str]) -> Option<Result<Account, Failure>> {
        let here = ["grant-staff", "--endpoint", "http://127.0.0.1:1"];
        let line = Line::try_parse_from(here.iter().chain(arguments)).ok()?;
        Some(line.account.find())
    }

    #[test]
    fn the_table_follows_from_the_shop_or_is_named_whole() {
        let table = |arguments: &[&str]| found(arguments)?.ok().map(|it| it.table);
        let usual = ["ann@example.com"];
        assert_eq!(table(&usual).as_deref(), Some("oxcart-local-users"));
        let of_shop = ["ann@example.com", "--shop", "ox"];
        assert_eq!(table(&of_shop).as_deref(), Some("ox-users"));
        let whole = ["ann@example.com", "--users-table", "people"];
        assert_eq!(table(&whole).as_deref(), Some("people"));
        assert_eq!(table(&[&of_shop[..], &whole[1..]].concat()), None);
    }

    #[test]
    fn the_letters_are_those_of_the_same_shop() {
        let accounts = found(&["ann@example.com", "--shop", "ox"]).unwrap().ok();
        assert_eq!(
            accounts.unwrap().mail(),
            "cargo shop mail --endpoint http://127.0.0.1:1 --shop ox --to ann@example.com"
        );
    }

    #[test]
    fn an_address_is_written_in_one_way_and_must_be_one() {
        let found = |address: &str| found(&[address]).unwrap();
        assert_eq!(
            found(" Ann@example.com").ok().unwrap().email.as_str(),
            "ann@example.com"
        );
        assert!(matches!(found("ann"), Err(Failure::Email(_))));
    }
}
