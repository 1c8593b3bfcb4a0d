//! Keys as JSON Web Keys (RFC 7517), Ed25519 ones by RFC 8037.

use std::collections::{HashMap, HashSet};

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::DecodingKey;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::PUBLIC_KEYS;
use crate::{SettingError, Settings};

/// An Ed25519 key.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub(super) struct Jwk {
    pub kty: String,
    pub crv: String,
    pub kid: String,
    /// The public key in base64url.
    pub x: String,
    /// The private key in base64url, in the one place that signs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub d: Option<String>,
}

/// Keys under `keys`.
#[derive(Serialize, Deserialize)]
pub(super) struct JwkSet {
    pub keys: Vec<Jwk>,
}

/// The keys that prove the shop's tokens, as others may have them.
#[derive(Serialize, JsonSchema)]
pub struct PublicKeys {
    keys: Vec<PublicKey>,
}

/// A key with what it is for, so that a library that reads it takes it for nothing else.
#[derive(Serialize, JsonSchema)]
struct PublicKey {
    #[serde(flatten)]
    jwk: Jwk,
    alg: &'static str,
    #[serde(rename = "use")]
    usage: &'static str,
}

impl PublicKeys {
    /// The keys in the setting `TOKEN_PUBLIC_KEYS`.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let text = settings.text(PUBLIC_KEYS)?;
        let keys = jwks(PUBLIC_KEYS, text)?.into_iter().map(|jwk| PublicKey {
            jwk,
            alg: "EdDSA",
            usage: "sig",
        });
        Ok(Self {
            keys: keys.collect(),
        })
    }
}

impl Jwk {
    /// The public key `x`, named by its thumbprint (RFC 7638).
    pub(super) fn public(x: &[u8]) -> Self {
        let x = BASE64URL_NOPAD.encode(x);
        let thumbprint = Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#));
        Self {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            kid: BASE64URL_NOPAD.encode(&thumbprint),
            x,
            d: None,
        }
    }

    /// The bytes of the public key, if it is one for Ed25519.
    pub(super) fn public_bytes(&self) -> Option<Vec<u8>> {
        let fits = self.kty == "OKP" && self.crv == "Ed25519" && !self.kid.is_empty();
        if fits { bytes(&self.x) } else { None }
    }

    /// The bytes of the private key, if it has one.
    pub(super) fn private_bytes(&self) -> Option<Vec<u8>> {
        bytes(self.d.as_deref()?)
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    (bytes.len() == 32).then_some(bytes)
}

/// The keys of the JWK set `text` by their ids. `name` is the setting it comes from.
pub(super) fn public_keys(
    name: &str,
    text: &str,
) -> Result<HashMap<String, DecodingKey>, SettingError> {
    let keys = jwks(name, text)?.into_iter().filter_map(|jwk| {
        let key = DecodingKey::from_ed_der(&jwk.public_bytes()?);
        Some((jwk.kid, key))
    });
    Ok(keys.collect())
}

/// The keys of the JWK set `text`, each of them good.
fn jwks(name: &str, text: &str) -> Result<Vec<Jwk>, SettingError> {
    let malformed = |reason| SettingError::malformed(name, reason);
    let set: JwkSet = serde_json::from_str(text).map_err(|_| {
        malformed(r#"must be a JWK set of Ed25519 keys: {"keys":[{"kty":"OKP","crv":"Ed25519","kid":…,"x":…}]}"#)
    })?;
    let mut kids = HashSet::new();
    for jwk in &set.keys {
        if jwk.d.is_some() {
            return Err(malformed(
                "must hold public keys only, but one has its private part d",
            ));
        }
        if jwk.public_bytes().is_none() {
            return Err(malformed(
                "must hold Ed25519 keys only, each with a kid and 32 bytes x",
            ));
        }
        if !kids.insert(&jwk.kid) {
            return Err(malformed("must not hold two keys with the same kid"));
        }
    }
    if set.keys.is_empty() {
        return Err(malformed("must hold at least one key"));
    }
    Ok(set.keys)
}
