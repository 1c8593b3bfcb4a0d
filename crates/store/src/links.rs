//! Links that are sent by mail, and prove that somebody reads what is sent to an account's address.
//!
//! A link is written down before it is sent: the table's stream brings it to whoever sends mail, so that none is lost, and
//! an address that nobody has takes as long as one that somebody has. What is written down is no token yet.

use std::time::Duration;

use domain::{Email, PasswordHash, Timestamp, User, UserId};

use crate::{
    Users,
    db::Applied,
    error::{Corrupt, Failure, StoreError},
    item::Item,
    keys,
    users::Account,
    write::{Is, Write},
};

/// For how long after it was used the same link with the same password is a repeat, whose answer may have been lost.
const REPEATED: Duration = Duration::from_secs(10 * 60);

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To show that the address is the account's owner's.
    VerifyEmail,
    /// To set another password.
    ResetPassword,
}

impl Purpose {
    /// Its name in items and tokens.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify-email",
            Self::ResetPassword => "reset-password",
        }
    }

    /// How long such a link is good for.
    pub fn life(self) -> Duration {
        match self {
            Self::VerifyEmail => Duration::from_secs(7 * 24 * 3600),
            Self::ResetPassword => Duration::from_secs(30 * 60),
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::VerifyEmail, Self::ResetPassword]
            .into_iter()
            .find(|purpose| purpose.as_str() == name)
    }
}

/// The link is no longer good, or never was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the link is not good, or no longer; ask for a new one")]
pub struct InvalidLink;

/// A link as it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its name, of which its token is made.
    pub id: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Whose it is.
    pub user: UserId,
    /// The account's epoch when it was made: a password that was set since ends it.
    pub session_epoch: u64,
    /// When it is over, in seconds since 1970.
    pub expires: i64,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

impl Link {
    /// The link that an item of the users table is; `None` if it is something else, or a link for nobody.
    pub fn read(item: &Item) -> Result<Option<Self>, Corrupt> {
        let Some(id) = keys::link_of(item) else {
            return Ok(None);
        };
        if item.text_if_any("user")?.is_none() {
            return Ok(None);
        }
        Ok(Some(Self {
            id,
            purpose: item.parsed("purpose", Purpose::parse)?,
            user: item.parsed("user", UserId::parse)?,
            session_epoch: item.number("session_epoch")?,
            expires: item.number("expires")?,
            used_at: item.number_if_any("used_at")?.map(Timestamp::from_millis),
        }))
    }

    /// Whether it is still good at `now`.
    pub fn is_good(&self, now: Timestamp) -> bool {
        now.as_seconds() < self.expires
    }
}

impl Users {
    /// Has this link sent to the account with this address. An address that nobody has is written down as well, for
    /// nobody, so that neither answer nor time tells of it.
    pub async fn send_reset(&self, id: &str, email: &Email) -> Result<(), Failure> {
        let account = self.account(email).await?;
        let link = self.link(id, Purpose::ResetPassword);
        let link = match &account {
            Some(account) => of_account(link, &account.user.id, account.session_epoch),
            None => link.with("session_epoch", 0_u64),
        };
        self.write_link(link).await
    }

    /// Has this link sent to the account's own address, to verify it.
    pub async fn send_verification(&self, id: &str, account: &Account) -> Result<(), Failure> {
        let link = self.link(id, Purpose::VerifyEmail);
        let link = of_account(link, &account.user.id, account.session_epoch);
        self.write_link(link).await
    }

    /// The write of a new account's first link.
    pub(crate) fn first_link(&self, id: &str, user: &UserId) -> Write {
        let link = self.link(id, Purpose::VerifyEmail);
        Write::create(&self.table, of_account(link, user, 0))
    }

    fn link(&self, id: &str, purpose: Purpose) -> Item {
        let expires = self.db.now().plus(purpose.life()).as_seconds();
        keys::link(id)
            .with("purpose", purpose.as_str())
            .with("expires", expires)
    }

    /// Its id is random, so whatever is there under it was put by this very call, sent twice.
    async fn write_link(&self, link: Item) -> Result<(), Failure> {
        let write = Write::create(&self.table, link);
        self.db.write(write).await.applied().map(drop)
    }

    /// Notes that the address of the account that this link was sent to is its owner's. Again is no harm.
    pub async fn verify_email(&self, id: &str) -> Result<(), StoreError<InvalidLink>> {
        let link = self.good_link(id, Purpose::VerifyEmail).await?;
        let verify = Write::update(&self.table, keys::user(&link.user))
            .set("email_verified", true)
            .only_if("pk", Is::Present);
        match self.db.write(verify).await.applied()? {
            true => Ok(()),
            // The account is deleted.
            false => Err(StoreError::Refused(InvalidLink)),
        }
    }

    /// The account whose password this link may set, or has set and nobody since; and the link.
    pub async fn resetting(&self, id: &str) -> Result<(Account, Link), StoreError<InvalidLink>> {
        let link = self.good_link(id, Purpose::ResetPassword).await?;
        let account = self.account_of(&link.user).await?;
        // Of the two, which are read one after the other, the account may be newer.
        let epoch = link.session_epoch + u64::from(link.used_at.is_some());
        let account = account.filter(|account| account.session_epoch == epoch);
        Ok((account.ok_or(StoreError::Refused(InvalidLink))?, link))
    }

    /// Sets another password by a link, which is used up by it. Every session ends, and the address is verified. Gives
    /// the account as it is then; `None` when the link was used or the password set meanwhile.
    pub async fn reset_password(
        &self,
        account: &Account,
        link: &Link,
        new: &PasswordHash,
    ) -> Result<Option<Account>, Failure> {
        let (before, now) = (link.session_epoch, self.db.now());
        let change = Write::update(&self.table, keys::user(&link.user))
            .set("password_hash", new.as_str())
            .set("session_epoch", before + 1)
            .set("email_verified", true)
            .only_if("session_epoch", Is::Number(before));
        let use_up = Write::update(&self.table, keys::link(&link.id))
            .set("used_at", now.as_millis())
            .set("expires", now.plus(REPEATED).as_seconds())
            .only_if("pk", Is::Present)
            .only_if("used_at", Is::Absent);
        let changed = self.db.transact(&[change, use_up]).await.applied()?;
        Ok(changed.then(|| Account {
            user: User {
                email_verified: true,
                ..account.user.clone()
            },
            password_hash: new.clone(),
            session_epoch: before + 1,
        }))
    }

    async fn good_link(&self, id: &str, purpose: Purpose) -> Result<Link, StoreError<InvalidLink>> {
        let item = self.db.get(&self.table, keys::link(id)).await?;
        let link = item.as_ref().map(Link::read).transpose()?.flatten();
        link.filter(|link| link.purpose == purpose && link.is_good(self.db.now()))
            .ok_or(StoreError::Refused(InvalidLink))
    }
}

/// Somebody's link, which is to be sent.
fn of_account(link: Item, user: &UserId, session_epoch: u64) -> Item {
    link.with("user", user.as_str())
        .with("session_epoch", session_epoch)
        .with("send", true)
}
