//! Accounts.

use domain::{Email, PasswordHash, Role, Timestamp, User, UserId};

use crate::{
    Db,
    db::Applied,
    error::{Corrupt, Failure, StoreError},
    item::Item,
    keys,
    write::{Is, Write},
};

/// The users table.
pub struct Users {
    pub(crate) db: std::sync::Arc<Db>,
    pub(crate) table: String,
}

/// The address has an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the e-mail address already has an account; log in instead")]
pub struct EmailTaken;

/// Why the staff's role is not taken from an account. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotStaff {
    /// The address has no account.
    #[error("the e-mail address has no account")]
    NoAccount,
    /// The account is a customer's.
    #[error("the account is a customer's")]
    Customer,
}

/// What a log-in needs to know of an account.
pub struct Account {
    /// The account.
    pub user: User,
    /// Of its password.
    pub password_hash: PasswordHash,
    /// Raised whenever all its sessions end.
    pub session_epoch: u64,
}

impl Users {
    /// The users table with this name.
    pub fn new(db: std::sync::Arc<Db>, table: String) -> Self {
        Self { db, table }
    }

    /// The time, by the store's clock.
    pub fn now(&self) -> Timestamp {
        self.db.now()
    }

    /// Makes an account, claims its address, and has a link sent to it to verify it, if there is one to be sent: all or
    /// nothing.
    pub async fn register(
        &self,
        id: UserId,
        email: &Email,
        name: Option<String>,
        password_hash: &PasswordHash,
        link: Option<&str>,
    ) -> Result<User, StoreError<EmailTaken>> {
        let user = User {
            id,
            email: email.clone(),
            email_verified: false,
            name,
            role: Role::Customer,
            created_at: self.db.now().to_second(),
        };
        let profile = keys::user(&user.id)
            .with("email", user.email.as_str())
            .with_some("name", user.name.as_deref())
            .with("role", user.role.as_str())
            .with("email_verified", false)
            .with("password_hash", password_hash.as_str())
            .with("session_epoch", 0_u64)
            .with("created_at", user.created_at.as_millis());
        let claim = keys::email(email).with("user", user.id.as_str());
        let mut writes = vec![
            Write::create(&self.table, claim),
            Write::create(&self.table, profile),
        ];
        writes.extend(link.map(|link| self.first_link(link, &user.id)));
        if self.db.transact(&writes).await.applied()? {
            Ok(user)
        } else {
            Err(StoreError::Refused(EmailTaken))
        }
    }

    /// The account with this address, if there is one. Takes two reads either way, so that time tells nothing.
    pub async fn account(&self, email: &Email) -> Result<Option<Account>, Failure> {
        let claim = self.db.get(&self.table, keys::email(email)).await?;
        let claimed_by = claim
            .map(|claim| claim.parsed("user", UserId::parse))
            .transpose()?;
        let id = claimed_by.unwrap_or_else(|| UserId::from_random([0; 16]));
        self.account_of(&id).await
    }

    /// The account of this user, if it still exists.
    pub async fn account_of(&self, id: &UserId) -> Result<Option<Account>, Failure> {
        let Some(item) = self.db.get(&self.table, keys::user(id)).await? else {
            return Ok(None);
        };
        Ok(Some(Account {
            user: read(id, &item)?,
            password_hash: PasswordHash::from_stored(item.text("password_hash")?.to_owned()),
            session_epoch: item.number("session_epoch")?,
        }))
    }

    /// The user, if the account still exists.
    pub async fn profile(&self, id: &UserId) -> Result<Option<User>, Failure> {
        let item = self.db.get(&self.table, keys::user(id)).await?;
        Ok(item.map(|item| read(id, &item)).transpose()?)
    }

    /// Makes the user with this address staff. Their next log-in or refresh has the new role. False when there is no such account.
    pub async fn grant_staff(&self, email: &Email) -> Result<bool, Failure> {
        let Some(account) = self.account(email).await? else {
            return Ok(false);
        };
        let grant = Write::update(&self.table, keys::user(&account.user.id))
            .set("role", Role::Staff.as_str())
            .only_if("pk", Is::Present);
        self.db.write(grant).await.applied()
    }

    /// Makes the member of the staff with this address a customer again, and ends all of the account's sessions. Access tokens
    /// that it has go on being staff until they run out.
    pub async fn revoke_staff(&self, email: &Email) -> Result<(), StoreError<NotStaff>> {
        let account = self.account(email).await?;
        let Account { user, .. } = account.ok_or(StoreError::Refused(NotStaff::NoAccount))?;
        if user.role != Role::Staff {
            return Err(StoreError::Refused(NotStaff::Customer));
        }
        // Raised, and not set to one more than was read: so it ends the session, too, that a change of password keeps meanwhile.
        let revoke = Write::update(&self.table, keys::user(&user.id))
            .set("role", Role::Customer.as_str())
            .raise("session_epoch", 1)
            .only_if("role", Is::Text(Role::Staff.as_str().to_owned()));
        // Refused, it was done since the look: by somebody else, or by this very call, whose answer was lost.
        self.db.write(revoke).await.applied()?;
        Ok(())
    }
}

fn read(id: &UserId, item: &Item) -> Result<User, Corrupt> {
    let role = |name: &str| match name {
        "customer" => Some(Role::Customer),
        "staff" => Some(Role::Staff),
        _ => None,
    };
    Ok(User {
        id: id.clone(),
        email: item.parsed("email", |text| Email::parse(text).ok())?,
        // Accounts were made before addresses were verified.
        email_verified: item.truth_if_any("email_verified")?.unwrap_or_default(),
        name: item.text_if_any("name")?.map(str::to_owned),
        role: item.parsed("role", role)?,
        created_at: Timestamp::from_millis(item.number("created_at")?),
    })
}
