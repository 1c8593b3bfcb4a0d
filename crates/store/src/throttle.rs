//! Slowing down whoever guesses passwords.

use std::net::IpAddr;

use domain::Email;
use sha2::{Digest, Sha256};

use crate::{
    Users,
    error::{Failure, StoreError},
};

/// A window of time in which failures are counted, in seconds.
const WINDOW: i64 = 15 * 60;
/// Failures for one account from one address.
const MOST_FROM_ADDRESS: i64 = 10;
/// Failures for one account from anywhere.
const MOST_FOR_ACCOUNT: i64 = 100;

/// One try to log in. It counts as failed until it has succeeded, so that tries at the same time can't pass the limit
/// together; whoever logs in rightly more than ten times at once is asked to wait as well.
pub struct LogInAttempt {
    account: String,
    account_and_address: String,
    window: i64,
}

/// Too many tries failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many tries to log in failed")]
pub struct TooManyAttempts {
    /// Seconds until tries are counted anew.
    pub retry_after: u64,
}

impl LogInAttempt {
    /// Counts a try for the account of `email` from the network address `address`.
    pub async fn begin(
        users: &Users,
        email: &Email,
        address: Option<IpAddr>,
    ) -> Result<Self, StoreError<TooManyAttempts>> {
        let now = users.now().as_seconds();
        let account = email.digest();
        let address = address
            .map(|address| address.to_string())
            .unwrap_or_default();
        let address = data_encoding::HEXLOWER.encode(&Sha256::digest(address)[..16]);
        let attempt = Self {
            account_and_address: format!("{account}#{address}"),
            account,
            window: now.div_euclid(WINDOW),
        };
        // Whoever is stopped by address does not use up what the account has for others.
        let too_many = attempt.count(users, &attempt.account_and_address).await?
            > MOST_FROM_ADDRESS
            || attempt.count(users, &attempt.account).await? > MOST_FOR_ACCOUNT;
        if too_many {
            let left = WINDOW - now.rem_euclid(WINDOW);
            return Err(StoreError::Refused(TooManyAttempts {
                retry_after: left.unsigned_abs(),
            }));
        }
        Ok(attempt)
    }

    async fn count(&self, users: &Users, subject: &str) -> Result<i64, Failure> {
        users
            .add_failure(subject, self.window, self.expires())
            .await
    }

    /// Notes that the try succeeded: its address starts anew, and the account has one failure less.
    pub async fn succeeded(self, users: &Users) -> Result<(), Failure> {
        users
            .forget_failures(&self.account_and_address, self.window)
            .await?;
        users.take_failure_back(&self.account, self.window).await
    }

    fn expires(&self) -> i64 {
        (self.window + 2) * WINDOW
    }
}
