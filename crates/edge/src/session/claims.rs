//! What a token says.

use domain::{Caller, Role, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::Session;

/// Who signs the shop's tokens.
pub(super) const ISSUER: &str = "oxcart";

/// The claims of an access token. All are required; times are seconds since 1970.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Claims {
    pub iss: String,
    /// One text, never a list: a token is for one shop.
    pub aud: String,
    pub sub: String,
    pub role: Role,
    /// The refresh family it belongs to, if it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    pub iat: i64,
    pub exp: i64,
}

impl Claims {
    /// The session they speak of, if they are for `audience` and not yet over.
    pub(super) fn session(self, audience: &str, now: Timestamp) -> Option<Session> {
        let now = now.as_seconds();
        let id = UserId::parse(&self.sub)?;
        let good = self.iss == ISSUER
            && self.aud == audience
            && now < self.exp
            && self.iat < self.exp
            && id.is_guest() == (self.role == Role::Guest);
        good.then_some(Session {
            caller: Caller {
                id,
                role: self.role,
            },
            family: self.sid,
        })
    }
}
