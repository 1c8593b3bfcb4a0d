//! What a session is answered with, and how one is issued.

use domain::{Caller, User};
use edge::{Problem, Slug};
use serde::Serialize;

use crate::Issuing;

/// A session as clients get it.
#[derive(Serialize)]
pub(crate) struct IssuedSession {
    access_token: String,
    token_type: &'static str,
    /// Seconds until the access token is over.
    expires_in: u32,
    /// A guest gets none.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

impl IssuedSession {
    /// The session of this access token.
    pub(crate) fn new(access: edge::AccessToken, refresh_token: Option<String>) -> Self {
        Self {
            access_token: access.token,
            token_type: "Bearer",
            expires_in: access.expires_in,
            refresh_token,
        }
    }
}

impl Issuing {
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
}

/// What is answered to a wrong password, and to an address that nobody has.
pub(crate) fn invalid_credentials() -> Problem {
    Problem::new(Slug::InvalidCredentials)
}
