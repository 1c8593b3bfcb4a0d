//! Signing tokens, which only what begins or refreshes a session can do.

use data_encoding::BASE64URL_NOPAD;
use domain::{
    Caller, Role, Timestamp,
    user::{ACCESS_TOKEN_LIFE, GUEST_SESSION_LIFE},
};
use jsonwebtoken::EncodingKey;
use ring::{
    rand::{SecureRandom, SystemRandom},
    signature::{Ed25519KeyPair, KeyPair},
};

use super::{
    AUDIENCE,
    claims::{Claims, ISSUER},
    crypto, header,
    keys::{Jwk, JwkSet},
};
use crate::{Problem, SettingError, Settings};

/// The setting with the private key: a JWK with its `d`.
const SIGNING_KEY: &str = "TOKEN_SIGNING_KEY";

/// Signs access tokens. Prints nothing by `Debug`, since it is secret.
pub struct SigningKey {
    key: EncodingKey,
    kid: String,
    audience: String,
}

/// A signed token and how many seconds it is good for.
pub struct AccessToken {
    /// What goes behind `Bearer`.
    pub token: String,
    /// Seconds until it is over.
    pub expires_in: u32,
}

/// A new pair of keys, as the two settings want them.
pub struct GeneratedKeys {
    /// For `TOKEN_SIGNING_KEY`: a JWK with the private key.
    pub signing_key: String,
    /// For `TOKEN_PUBLIC_KEYS`: a JWK set with the public key.
    pub public_keys: String,
}

/// The system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the system gave no random bytes for a key")]
pub struct NoRandomness;

impl SigningKey {
    /// The key in the setting `TOKEN_SIGNING_KEY`, for tokens to `TOKEN_AUDIENCE`.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        crypto::install();
        let malformed = || {
            SettingError::malformed(
                SIGNING_KEY,
                r#"must be one Ed25519 JWK with its private key: {"kty":"OKP","crv":"Ed25519","kid":…,"x":…,"d":…}"#,
            )
        };
        let jwk: Jwk =
            serde_json::from_str(settings.text(SIGNING_KEY)?).map_err(|_| malformed())?;
        let public = jwk.public_bytes().ok_or_else(malformed)?;
        let private = jwk.private_bytes().ok_or_else(malformed)?;
        Ed25519KeyPair::from_seed_and_public_key(&private, &public).map_err(|_| {
            SettingError::malformed(SIGNING_KEY, "must hold an x that belongs to its d")
        })?;
        Ok(Self {
            key: EncodingKey::from_ed_der(&private),
            kid: jwk.kid,
            audience: settings.text(AUDIENCE)?.to_owned(),
        })
    }

    /// A token that says who `caller` is, good from `now` for 10 minutes, or for 30 days if it is a guest.
    pub fn sign(&self, caller: &Caller, now: Timestamp) -> Result<AccessToken, Problem> {
        self.signed(caller, None, now)
    }

    /// The same for a session whose refresh tokens are of this family.
    pub fn sign_of_family(
        &self,
        caller: &Caller,
        family: &str,
        now: Timestamp,
    ) -> Result<AccessToken, Problem> {
        self.signed(caller, Some(family), now)
    }

    fn signed(
        &self,
        caller: &Caller,
        family: Option<&str>,
        now: Timestamp,
    ) -> Result<AccessToken, Problem> {
        let iat = now.as_seconds();
        let life = match caller.role {
            Role::Guest => GUEST_SESSION_LIFE,
            Role::Customer | Role::Staff => ACCESS_TOKEN_LIFE,
        };
        let expires_in = u32::try_from(life.as_secs()).unwrap_or(u32::MAX);
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: self.audience.clone(),
            sub: caller.id.to_string(),
            role: caller.role,
            sid: family.map(str::to_owned),
            iat,
            exp: iat.saturating_add(i64::from(expires_in)),
        };
        let token = jsonwebtoken::encode(&header(self.kid.clone()), &claims, &self.key)
            .map_err(Problem::internal)?;
        Ok(AccessToken { token, expires_in })
    }

    /// A new pair of keys, for a shop that has none yet.
    pub fn generate() -> Result<GeneratedKeys, NoRandomness> {
        let mut seed = [0; 32];
        SystemRandom::new()
            .fill(&mut seed)
            .map_err(|_| NoRandomness)?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| NoRandomness)?;
        let public = Jwk::public(pair.public_key().as_ref());
        let private = Jwk {
            d: Some(BASE64URL_NOPAD.encode(&seed)),
            ..public.clone()
        };
        // Structs of texts always serialize.
        let json = |value: Result<String, serde_json::Error>| value.unwrap_or_default();
        Ok(GeneratedKeys {
            signing_key: json(serde_json::to_string(&private)),
            public_keys: json(serde_json::to_string(&JwkSet { keys: vec![public] })),
        })
    }
}
