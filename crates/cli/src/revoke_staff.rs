//! `cargo shop revoke-staff`: what `grant-staff` gave is taken back by whoever owns the tables, too.

use clap::Args;
use domain::{Email, user::ACCESS_TOKEN_LIFE};
use store::{StoreError, users::NotStaff};

use crate::{accounts::AccountArgs, error::Failure};

#[derive(Args)]
pub struct RevokeStaff {
    #[command(flatten)]
    account: AccountArgs,
}

impl RevokeStaff {
    pub async fn run(self) -> Result<(), Failure> {
        let named = self.account.find()?;
        let address = || named.email.as_str().to_owned();
        match named.users.revoke_staff(&named.email).await {
            Ok(()) => {
                println!("{}", told(&named.email));
                Ok(())
            }
            Err(StoreError::Refused(NotStaff::NoAccount)) => {
                Err(Failure::NobodysAccount(address()))
            }
            Err(StoreError::Refused(NotStaff::Customer)) => Err(Failure::NotStaff(address())),
            Err(StoreError::Failed(source)) => Err(named.failed(source)),
        }
    }
}

/// What has ended, and what goes on for how long.
fn told(email: &Email) -> String {
    let minutes = ACCESS_TOKEN_LIFE.as_secs() / 60;
    format!(
        "{} is a customer again. All sessions of the account have ended, and so have links to set its password.\n\
         An access token that was given out before can't be taken back: it is the staff's until it runs out, {minutes} \
         minutes after it was made.",
        email.as_str()
    )
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::Shop;

    #[test]
    fn for_how_long_a_token_goes_on_is_told_before_and_after() {
        let email = Email::parse("ann@example.com").unwrap();
        let told = told(&email);
        assert!(told.starts_with("ann@example.com is a customer again."));
        assert!(told.ends_with(" 10 minutes after it was made."), "{told}");
        let mut commands = Shop::command();
        let command = commands.find_subcommand_mut("revoke-staff").unwrap();
        let help = command.render_long_help().to_string();
        let help: Vec<&str> = help.split_whitespace().collect();
        let help = help.join(" ");
        assert!(help.contains("it is good for ten minutes"), "{help}");
    }
}
