//! Sessions: a family of refresh tokens each, of which only the newest is good, and what ends them.

use std::time::Duration;

use domain::{PasswordHash, Timestamp, User, UserId};

use crate::{
    Users,
    cancellation::Reason,
    db::{Applied, NotCommitted},
    error::{Failure, StoreError},
    item::Item,
    keys,
    retry::ATTEMPTS,
    users::Account,
    write::{Is, Write},
};

/// How long a refresh token is good for.
pub const REFRESH_TOKEN_LIFE: Duration = Duration::from_secs(30 * 24 * 3600);

/// How long the token before the newest still gets the newest, for a client whose answer was lost.
pub const SECOND_CHANCE: Duration = Duration::from_secs(10);

/// The refresh token is no longer good, or never was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the refresh token is not good; log in again")]
pub struct InvalidRefreshToken;

/// A family's newest token, and whose it is.
pub struct Refreshed {
    /// The user, with the role of this moment.
    pub user: User,
    /// The generation of the newest token.
    pub generation: u64,
}

impl Users {
    /// Writes down a new refresh family at generation 1.
    pub async fn begin_session(&self, family: &str, account: &Account) -> Result<(), Failure> {
        let session = keys::session(family)
            .with("user", account.user.id.as_str())
            .with("session_epoch", account.session_epoch)
            .with("generation", 1_u64)
            .with("revoked", false)
            .with(
                "expires",
                self.db.now().plus(REFRESH_TOKEN_LIFE).as_seconds(),
            );
        // The family's name is random, so whatever is there under it was put by this very call, sent twice; and what has
        // become of it since stays.
        self.db
            .write(Write::create(&self.table, session))
            .await
            .applied()
            .map(drop)
    }

    /// Takes a family to its next generation, for whoever holds the token of `generation`.
    ///
    /// The token before the newest gets the newest again for ten seconds: of many requests with one token, or of one
    /// whose answer was lost, all get the same successor. Whoever comes later with a token that was used before may have
    /// stolen it, so the family ends.
    pub async fn refresh(
        &self,
        family: &str,
        generation: u64,
    ) -> Result<Refreshed, StoreError<InvalidRefreshToken>> {
        for _ in 0..ATTEMPTS {
            let now = self.db.now();
            let Some((session, user)) = self.living(family, now).await? else {
                return Err(StoreError::Refused(InvalidRefreshToken));
            };
            if generation == session.generation {
                let next = generation + 1;
                let rotate = Write::update(&self.table, keys::session(family))
                    .set("generation", next)
                    .set("rotated_at", now.as_millis())
                    .set("expires", now.plus(REFRESH_TOKEN_LIFE).as_seconds())
                    .only_if("generation", Is::Number(generation))
                    .only_if("revoked", Is::Truth(false));
                if self.db.write(rotate).await.applied()? {
                    return Ok(Refreshed {
                        user,
                        generation: next,
                    });
                }
            } else if generation + 1 == session.generation
                && now < session.rotated_at.plus(SECOND_CHANCE)
            {
                return Ok(Refreshed {
                    user,
                    generation: session.generation,
                });
            } else {
                self.end_session(family).await?;
                return Err(StoreError::Refused(InvalidRefreshToken));
            }
        }
        Err(Failure::kept_changing("the session kept changing").into())
    }

    /// Ends a family: none of its tokens is good any more.
    pub async fn end_session(&self, family: &str) -> Result<(), Failure> {
        let end = Write::update(&self.table, keys::session(family))
            .set("revoked", true)
            .only_if("pk", Is::Present);
        self.db.write(end).await.applied().map(drop)
    }

    /// Sets another password and ends every session but that of `family`. False when the account has changed since it was
    /// read.
    pub async fn change_password(
        &self,
        account: &Account,
        family: Option<&str>,
        new: &PasswordHash,
    ) -> Result<bool, Failure> {
        let (before, after) = (account.session_epoch, account.session_epoch + 1);
        let change = Write::update(&self.table, keys::user(&account.user.id))
            .set("password_hash", new.as_str())
            .set("session_epoch", after)
            .only_if("session_epoch", Is::Number(before));
        let Some(family) = family else {
            return self.set_password(account, change, new).await;
        };
        let keep = Write::update(&self.table, keys::session(family))
            .set("session_epoch", after)
            .only_if("session_epoch", Is::Number(before))
            .only_if("revoked", Is::Truth(false));
        match self.db.transact(&[change.clone(), keep]).await {
            Ok(()) => Ok(true),
            // The session itself has ended meanwhile, so there is none to keep.
            Err(NotCommitted::Refused(reasons))
                if !matches!(reasons.first(), Some(Reason::ConditionFailed(_))) =>
            {
                self.set_password(account, change, new).await
            }
            refused_or_failed => refused_or_failed.applied(),
        }
    }

    /// Makes the hash of a password that was just proven anew, with today's parameters. One that was changed meanwhile
    /// stays.
    pub async fn rehash(&self, account: &Account, new: &PasswordHash) -> Result<(), Failure> {
        let old = account.password_hash.as_str().to_owned();
        let rehash = Write::update(&self.table, keys::user(&account.user.id))
            .set("password_hash", new.as_str())
            .only_if("password_hash", Is::Text(old));
        self.db.write(rehash).await.applied().map(drop)
    }

    /// Writes a change of password alone. Refused, it may have been made by this very call, whose answer was lost: the hash
    /// tells, since its salt is random.
    async fn set_password(
        &self,
        account: &Account,
        change: Write,
        new: &PasswordHash,
    ) -> Result<bool, Failure> {
        if self.db.write(change).await.applied()? {
            return Ok(true);
        }
        let now = self.account_of(&account.user.id).await?;
        Ok(now.is_some_and(|now| now.password_hash == *new))
    }

    /// A family that has not ended, and whose it is.
    async fn living(
        &self,
        family: &str,
        now: Timestamp,
    ) -> Result<Option<(Session, User)>, Failure> {
        // A password change writes the account and the family that goes on at once, but they are read one after the other:
        // two that differ are read again.
        for _ in 0..2 {
            let item = self.db.get(&self.table, keys::session(family)).await?;
            let Some(item) = item else { return Ok(None) };
            let session = Session::read(&item)?;
            if session.revoked || session.expires <= now.as_seconds() {
                return Ok(None);
            }
            let Some(account) = self.account_of(&session.user).await? else {
                return Ok(None);
            };
            if account.session_epoch == session.epoch {
                return Ok(Some((session, account.user)));
            }
        }
        Ok(None)
    }
}

/// A refresh family as its item holds it.
struct Session {
    user: UserId,
    epoch: u64,
    generation: u64,
    rotated_at: Timestamp,
    revoked: bool,
    expires: i64,
}

impl Session {
    fn read(item: &Item) -> Result<Self, crate::error::Corrupt> {
        let rotated_at = item.number_if_any("rotated_at")?.unwrap_or_default();
        Ok(Self {
            user: item.parsed("user", UserId::parse)?,
            epoch: item.number("session_epoch")?,
            generation: item.number("generation")?,
            rotated_at: Timestamp::from_millis(rotated_at),
            revoked: item.truth("revoked")?,
            expires: item.number("expires")?,
        })
    }
}
