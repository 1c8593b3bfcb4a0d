//! Who is asking: access tokens (JWT, RFC 7519, profile RFC 9068) signed with Ed25519.
//!
//! Functions hold public keys only; the key that signs is given to those that begin sessions or go on with them. Whatever is wrong with a
//! token, the answer is the same.

mod claims;
mod crypto;
mod keys;
mod link;
mod refresh;
mod signing;

use std::{
    collections::HashMap,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use domain::{Caller, Role, Timestamp, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use lambda_http::http::header;

use crate::{HttpRequest, Problem, SettingError, Settings, Slug};
use claims::{Claims, ISSUER};
pub use keys::PublicKeys;
pub use link::{LinkKey, link_id};
pub use refresh::RefreshKey;
pub use signing::{AccessToken, GeneratedKeys, NoRandomness, SigningKey};

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The setting with the public keys: a JWK set.
const PUBLIC_KEYS: &str = "TOKEN_PUBLIC_KEYS";

/// The setting that says for whom tokens are made: the shop's name.
const AUDIENCE: &str = "TOKEN_AUDIENCE";

/// The most characters of a token. Ours have about 300.
const MAX_LENGTH: usize = 4096;

/// Who makes a request, and in which session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Who.
    pub caller: Caller,
    /// The refresh family; a guest's session has none.
    pub family: Option<String>,
}

/// Tells by its token who makes a request.
pub struct Sessions {
    keys: HashMap<String, DecodingKey>,
    audience: String,
    clock: Clock,
}

impl Sessions {
    /// Sessions by the settings `TOKEN_PUBLIC_KEYS` and `TOKEN_AUDIENCE` and the settings' clock.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Self::with_clock(settings, settings.clock())
    }

    /// Sessions by the same settings and another clock.
    pub fn with_clock(settings: &Settings, clock: Clock) -> Result<Self, SettingError> {
        crypto::install();
        Ok(Self {
            keys: keys::public_keys(PUBLIC_KEYS, settings.text(PUBLIC_KEYS)?)?,
            audience: settings.text(AUDIENCE)?.to_owned(),
            clock,
        })
    }

    /// Any session, a guest's too: else 401 `unauthenticated`.
    pub fn session(&self, request: &HttpRequest) -> Result<Session, Problem> {
        token(request)
            .and_then(|token| self.verify(token))
            .ok_or_else(|| Problem::new(Slug::Unauthenticated))
    }

    /// A customer or one of the staff: else 401 `unauthenticated` or 403 `forbidden`.
    pub fn account(&self, request: &HttpRequest) -> Result<Caller, Problem> {
        Ok(self.account_session(request)?.caller)
    }

    /// The same, with the session.
    pub fn account_session(&self, request: &HttpRequest) -> Result<Session, Problem> {
        self.with_role(request, &[Role::Customer, Role::Staff])
    }

    /// A guest or a customer, who have a cart: else 401 `unauthenticated` or 403 `forbidden`.
    pub fn shopper(&self, request: &HttpRequest) -> Result<Caller, Problem> {
        Ok(self
            .with_role(request, &[Role::Guest, Role::Customer])?
            .caller)
    }

    /// A customer: else 401 `unauthenticated` or 403 `forbidden`.
    pub fn customer(&self, request: &HttpRequest) -> Result<Caller, Problem> {
        Ok(self.with_role(request, &[Role::Customer])?.caller)
    }

    /// One of the staff: else 401 `unauthenticated` or 403 `forbidden`.
    pub fn staff(&self, request: &HttpRequest) -> Result<Caller, Problem> {
        Ok(self.with_role(request, &[Role::Staff])?.caller)
    }

    /// Whoever is signed in, or nobody if there is no `Authorization` at all. A bad one is 401 `unauthenticated`.
    pub fn optional(&self, request: &HttpRequest) -> Result<Option<Caller>, Problem> {
        if request.headers().contains_key(header::AUTHORIZATION) {
            Ok(Some(self.session(request)?.caller))
        } else {
            Ok(None)
        }
    }

    /// The guest whose token this is, if it is a good one.
    pub fn guest(&self, token: &str) -> Option<UserId> {
        let Session { caller, .. } = self.verify(token)?;
        (caller.role == Role::Guest).then_some(caller.id)
    }

    fn with_role(&self, request: &HttpRequest, roles: &[Role]) -> Result<Session, Problem> {
        let session = self.session(request)?;
        if roles.contains(&session.caller.role) {
            Ok(session)
        } else {
            Err(Problem::new(Slug::Forbidden))
        }
    }

    fn verify(&self, token: &str) -> Option<Session> {
        if token.len() > MAX_LENGTH {
            return None;
        }
        let kid = jsonwebtoken::decode_header(token).ok()?.kid?;
        let key = self.keys.get(&kid)?;
        let data = jsonwebtoken::decode::<Claims>(token, key, &self.validation()).ok()?;
        // The header is exactly as we write it: no jku, jwk, x5u, crit or anything else a token could bring its own
        // key or rules by.
        (data.header == header(kid)).then_some(())?;
        data.claims.session(&self.audience, (self.clock)())
    }

    fn validation(&self) -> Validation {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[&self.audience]);
        // By our own clock instead, in the claims.
        validation.validate_exp = false;
        validation
    }
}

/// The header of every token signed with the key `kid`.
fn header(kid: String) -> Header {
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some("at+jwt".to_owned());
    header.kid = Some(kid);
    header
}

/// What comes after `Bearer` and one space, if there is exactly one `Authorization`.
fn token(request: &HttpRequest) -> Option<&str> {
    let mut values = request.headers().get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

/// The system's time.
pub fn system_time() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Timestamp::from_millis(0).plus(since.unwrap_or_default())
}

#[cfg(test)]
mod tests;
