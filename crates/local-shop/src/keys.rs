//! A shop's keys: made once, kept in one file that only its owner can read.
//!
//! Several keys may prove access tokens at once, of which one signs: so a key is replaced while the tokens of the one before
//! are still about. Of the other keys there is one each, and another one ends what the one before has made.

mod lock;
mod private;
mod renewable;

use std::path::{Path, PathBuf};

use data_encoding::BASE64URL_NOPAD;
use edge::SigningKey;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::template::Parameters;
pub use lock::Lock;
pub use private::write_private;
use renewable::SIGNING;
pub use renewable::{NotRenewable, PUBLIC_KEYS, Renewable};

/// Keys can't be had.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
    /// The file can't be read or written.
    #[error("{} can't be read or written: {source}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error(
        "{} holds no keys ({source}); put a copy in its place, such as {}, or delete it: then all keys are made anew, and \
         nothing that these have signed is good any more",
        file.display(),
        previous_file(file).display()
    )]
    Broken {
        /// The file.
        file: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// Somebody else changes them.
    #[error("another `cargo shop keys` is at work on {}; try again when it is done", file.display())]
    Busy {
        /// The file.
        file: PathBuf,
    },
    /// There is no key with this id.
    #[error("there is no key {0}; `cargo shop keys` lists them")]
    Unknown(String),
    /// The key signs tokens.
    #[error("{0} signs tokens; `cargo shop keys rotate` puts another in its place first")]
    Signs(String),
}

/// A key by which access tokens are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenKey {
    /// Its id, which stands in every token that it signs.
    pub kid: String,
    /// Whether it signs; else it only proves what it signed before.
    pub signs: bool,
}

/// A shop's keys, as settings take them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// Signs access tokens (`TOKEN_SIGNING_KEY`).
    pub token_signing_key: String,
    /// The JWK set that proves them (`TOKEN_PUBLIC_KEYS`).
    pub token_public_keys: String,
    /// Authenticates refresh tokens.
    pub refresh_token_key: String,
    /// Authenticates links that are sent by mail.
    pub link_key: String,
    /// Authenticates cursors.
    pub cursor_key: String,
}

impl Keys {
    /// New keys.
    pub fn generate() -> Result<Self, KeysError> {
        let pair = SigningKey::generate().map_err(|_| KeysError::NoRandomness)?;
        Ok(Self {
            token_signing_key: pair.signing_key,
            token_public_keys: pair.public_keys,
            refresh_token_key: random_key()?,
            link_key: random_key()?,
            cursor_key: random_key()?,
        })
    }

    /// The keys by which access tokens are known, the one that was put in place last first.
    pub fn token_keys(&self) -> Vec<TokenKey> {
        let signing = kid(&json(&self.token_signing_key));
        let keys = self.public_keys();
        let keys = keys.iter().map(|key| TokenKey {
            kid: kid(key),
            signs: kid(key) == signing,
        });
        keys.collect()
    }

    /// These keys with another that signs tokens. Those before still prove what they have signed.
    pub fn rotated(&self) -> Result<Self, KeysError> {
        let pair = SigningKey::generate().map_err(|_| KeysError::NoRandomness)?;
        let new = json(&pair.public_keys)["keys"].take();
        let mut public = new.as_array().cloned().unwrap_or_default();
        public.extend(self.public_keys());
        Ok(Self {
            token_signing_key: pair.signing_key,
            token_public_keys: serde_json::json!({ "keys": public }).to_string(),
            ..self.clone()
        })
    }

    /// These keys without one that no longer signs: what it has signed is no longer good.
    pub fn without(&self, id: &str) -> Result<Self, KeysError> {
        let keys = self.token_keys();
        match keys.iter().find(|key| key.kid == id) {
            None => return Err(KeysError::Unknown(id.to_owned())),
            Some(key) if key.signs => return Err(KeysError::Signs(id.to_owned())),
            Some(_) => {}
        }
        let mut public = self.public_keys();
        public.retain(|key| kid(key) != id);
        Ok(Self {
            token_public_keys: serde_json::json!({ "keys": public }).to_string(),
            ..self.clone()
        })
    }

    /// These keys with another one in the place of this. Nothing that the one before has made is good any more.
    pub fn renewed(&self, key: Renewable) -> Result<Self, KeysError> {
        let mut keys = self.clone();
        let place = match key {
            Renewable::RefreshToken => &mut keys.refresh_token_key,
            Renewable::Link => &mut keys.link_key,
            Renewable::Cursor => &mut keys.cursor_key,
        };
        *place = random_key()?;
        Ok(keys)
    }

    /// The keys `before` in place of these. Those that proved access tokens go on to prove them, until they are taken out: what
    /// these have signed stays good.
    pub fn back_to(&self, before: &Self) -> Self {
        let mut public = before.public_keys();
        let known: Vec<String> = public.iter().map(kid).collect();
        let mut newer = self.public_keys();
        newer.retain(|key| !known.contains(&kid(key)));
        public.extend(newer);
        Self {
            token_public_keys: serde_json::json!({ "keys": public }).to_string(),
            ..before.clone()
        }
    }

    fn public_keys(&self) -> Vec<Value> {
        let keys = json(&self.token_public_keys)["keys"].take();
        keys.as_array().cloned().unwrap_or_default()
    }

    /// The secret keys as the Parameter Store has them: by their names under `/<shop>/`.
    pub fn secrets(&self) -> [(&'static str, &str); 4] {
        [
            (SIGNING, &self.token_signing_key),
            (Renewable::RefreshToken.name(), &self.refresh_token_key),
            (Renewable::Link.name(), &self.link_key),
            (Renewable::Cursor.name(), &self.cursor_key),
        ]
    }

    /// Writes these keys to the file in which `old` ones are, and those to its [`previous_file`]: there they stay until
    /// the next change, for whoever wants to go back.
    pub fn replace(&self, old: &Self, file: &Path) -> Result<(), KeysError> {
        old.save(&previous_file(file))?;
        self.save(file)
    }

    /// Writes the keys to this file.
    pub fn save(&self, file: &Path) -> Result<(), KeysError> {
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        write_private(file, &text).map_err(|source| KeysError::File {
            file: file.to_owned(),
            source,
        })
    }

    /// The keys in this file, if it is there.
    pub fn load(file: &Path) -> Result<Option<Self>, KeysError> {
        let file = || file.to_owned();
        match std::fs::read(file()) {
            Ok(text) => {
                serde_json::from_slice(&text)
                    .map(Some)
                    .map_err(|source| KeysError::Broken {
                        file: file(),
                        source,
                    })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(KeysError::File {
                file: file(),
                source,
            }),
        }
    }

    /// The keys in this file, which is made when it is missing.
    pub fn load_or_make(file: &Path) -> Result<Self, KeysError> {
        if let Some(keys) = Self::load(file)? {
            return Ok(keys);
        }
        let keys = Self::generate()?;
        keys.save(file)?;
        Ok(keys)
    }

    /// The root template's parameters of a shop with this name and these keys, and those of its Parameter Store.
    pub fn parameters(&self, shop: &str) -> Parameters {
        let stack = [("Shop", shop), ("TokenPublicKeys", &self.token_public_keys)];
        let stack = stack.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let secrets = self.secrets();
        let secrets = secrets.map(|(name, value)| (format!("/{shop}/{name}"), value.to_owned()));
        stack.into_iter().chain(secrets).collect()
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn kid(key: &Value) -> String {
    key["kid"].as_str().unwrap_or_default().to_owned()
}

/// Where keys are kept as they were before the last change of those in `file`.
pub fn previous_file(file: &Path) -> PathBuf {
    file.with_extension("before.json")
}

/// 32 random bytes.
fn random_key() -> Result<String, KeysError> {
    let mut bytes = [0; 32];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| KeysError::NoRandomness)?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

#[cfg(test)]
mod tests;
