//! `cargo shop grant-staff`: nobody can make themselves staff over HTTP, so whoever owns the tables does it.

use clap::Args;
use domain::Role;

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
        let user = account.map(|account| account.user);
        let user = user.ok_or_else(|| Failure::NoAccount(email.as_str().to_owned()))?;
        if user.role == Role::Staff {
            return Err(Failure::StaffAlready(email.as_str().to_owned()));
        }
        // Whoever is first may register any address, and would be staff.
        if !user.email_verified && !self.unverified {
            return Err(Failure::Unverified {
                email: email.as_str().to_owned(),
                mail: named.mail(),
            });
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
