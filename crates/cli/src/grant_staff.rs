//! `cargo shop grant-staff`: nobody can make themselves staff over HTTP, so whoever owns the tables does it.

use clap::Args;

use crate::{accounts::AccountArgs, error::Failure};

#[derive(Args)]
pub struct GrantStaff {
    #[command(flatten)]
    account: AccountArgs,
    /// Also when nobody has shown that the address is theirs
    #[arg(long)]
    unverified: bool,
}

impl GrantStaff {
    pub async fn run(self) -> Result<(), Failure> {
        let named = self.account.find()?;
        let failed = |source| named.failed(source);
        let (email, users) = (&named.email, &named.users);
        let account = users.account(email).await.map_err(failed)?;
        let is_unverified = account.is_some_and(|account| !account.user.email_verified);
        // Whoever is first may register any address, and would be staff.
        if is_unverified && !self.unverified {
            return Err(Failure::Unverified(email.as_str().to_owned()));
        }
        if !users.grant_staff(email).await.map_err(failed)? {
            return Err(Failure::NoAccount(email.as_str().to_owned()));
        }
        println!(
            "{} is staff from the next log-in or refresh on, and as such can't order or pay",
            email.as_str()
        );
        Ok(())
    }
}
