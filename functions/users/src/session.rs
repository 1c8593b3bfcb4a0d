//! What a session is answered with, and how one is issued.

use domain::{Caller, Password, PasswordHash, Secret, User};
use edge::{Problem, Slug};
use schemars::JsonSchema;
use serde::Serialize;
use store::users::Account;

use crate::Issuing;

/// A session as clients get it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Session")]
pub struct IssuedSession {
    /// A JWT (RFC 9068).
    access_token: String,
    #[schemars(extend("const" = "Bearer"))]
    token_type: &'static str,
    /// Seconds until the access token is over.
    expires_in: u32,
    /// A guest gets none.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// Given where somebody has shown who they are: with it, their next log-in is one of a known device.
    #[serde(skip_serializing_if = "Option::is_none")]
    device_token: Option<String>,
}

impl IssuedSession {
    /// The session of this access token.
    pub(crate) fn new(access: edge::AccessToken, refresh_token: Option<String>) -> Self {
        Self {
            access_token: access.token,
            token_type: "Bearer",
            expires_in: access.expires_in,
            refresh_token,
            device_token: None,
        }
    }
}

impl Issuing {
    /// Begins a session of whoever has shown who they are, on this device if it is known.
    pub(crate) async fn begin(
        &self,
        account: &Account,
        device: Option<&str>,
    ) -> Result<IssuedSession, Problem> {
        let family = self.refresh_key.family(self.random.bytes()?);
        self.users.begin_session(&family, account).await?;
        let session = self.issue(&account.user, &family, 1)?;
        let device = match device {
            Some(device) => device.to_owned(),
            None => self.refresh_key.family(self.random.bytes()?),
        };
        let (owner, now) = (owner(account), self.users.now());
        let device = self.refresh_key.device_token(&device, &owner, now);
        Ok(IssuedSession {
            device_token: Some(device),
            ..session
        })
    }

    /// The session of `user` whose refresh token is this generation of its family.
    pub(crate) fn issue(
        &self,
        user: &User,
        family: &str,
        generation: u64,
    ) -> Result<IssuedSession, Problem> {
        let caller = Caller {
            id: user.id.clone(),
            role: user.role,
        };
        let now = self.users.now();
        let access = self.signing_key.sign_of_family(&caller, family, now)?;
        let refresh_token = self.refresh_key.token(family, generation);
        Ok(IssuedSession::new(access, Some(refresh_token)))
    }

    /// The device with this token, if it logged in to this account before, with the password of today.
    pub(crate) fn device<'t>(
        &self,
        token: &'t Secret<String>,
        account: Option<&Account>,
    ) -> Option<&'t str> {
        let (owner, now) = (owner(account?), self.users.now());
        self.refresh_key.open_device(token.expose(), &owner, now)
    }

    /// Makes the hash of a password that was just proven with today's parameters, if it wasn't.
    pub(crate) async fn keep_up(
        &self,
        account: &Account,
        password: &Password,
    ) -> Result<(), Problem> {
        if account.password_hash.is_outdated() {
            let hash = PasswordHash::derive(password, self.random.bytes()?);
            let hash = hash.map_err(Problem::internal)?;
            self.users.rehash(account, &hash).await?;
        }
        Ok(())
    }
}

/// An account, until its password changes.
fn owner(account: &Account) -> String {
    format!("{}.{}", account.user.id, account.session_epoch)
}

/// What is answered to a wrong password, and to an address that nobody has.
pub(crate) fn invalid_credentials() -> Problem {
    Problem::new(Slug::InvalidCredentials)
}
