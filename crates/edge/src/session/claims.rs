//! What a token says.

use domain::{Caller, Role, Timestamp, UserId};
use serde::{Deserialize, Serialize};

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
    pub iat: i64,
    pub exp: i64,
}

impl Claims {
    /// Who they speak of, if they are for `audience` and not yet over.
    pub(super) fn caller(self, audience: &str, now: Timestamp) -> Option<Caller> {
        let now = now.as_seconds();
        let good =
            self.iss == ISSUER && self.aud == audience && now < self.exp && self.iat < self.exp;
        let id = UserId::parse(&self.sub)?;
        good.then_some(Caller {
            id,
            role: self.role,
        })
    }
}
