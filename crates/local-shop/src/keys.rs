//! A shop's keys: made once, kept in one file that only its owner can read.
//!
//! Several keys may prove access tokens at once, of which one signs: so a key is replaced while the tokens of the one before
//! are still about. Of the other keys there is one each, and another one ends what the one before has made.

mod private;
mod renewable;

use std::path::{Path, PathBuf};

use data_encoding::BASE64URL_NOPAD;
use edge::SigningKey;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::template::Parameters;
pub use private::write_private;
use renewable::SIGNING;
pub use renewable::{NotRenewable, Renewable};

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
        before(file).display()
    )]
    Broken {
        /// The file.
        file: PathBuf,
        /// Why.
        source: serde_json::Error,
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

    /// The keys by which access tokens are known, the newest first.
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

    /// Writes these keys to the file in which `old` ones are, and those to the one [`before`] it: there they stay until the
    /// next change, for whoever wants to go back.
    pub fn replace(&self, old: &Self, file: &Path) -> Result<(), KeysError> {
        old.save(&before(file))?;
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

    /// The keys in this file, which is made when it is missing.
    pub fn load_or_make(file: &Path) -> Result<Self, KeysError> {
        let wrong = |source| KeysError::File {
            file: file.to_owned(),
            source,
        };
        match std::fs::read(file) {
            Ok(text) => serde_json::from_slice(&text).map_err(|source| KeysError::Broken {
                file: file.to_owned(),
                source,
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let keys = Self::generate()?;
                keys.save(file)?;
                Ok(keys)
            }
            Err(error) => Err(wrong(error)),
        }
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
pub fn before(file: &Path) -> PathBuf {
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
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_and_are_their_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("state/keys.json");
        let made = Keys::load_or_make(&file).unwrap();
        let loaded = Keys::load_or_make(&file).unwrap();
        assert_eq!(made.parameters("s"), loaded.parameters("s"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn two_shops_share_no_key() {
        let (one, other) = (Keys::generate().unwrap(), Keys::generate().unwrap());
        assert_ne!(one.token_signing_key, other.token_signing_key);
        assert_ne!(one.cursor_key, other.cursor_key);
        assert_ne!(one.cursor_key, one.refresh_token_key);
        assert!(one.cursor_key.len() >= 32);
    }

    #[test]
    fn a_key_is_replaced_while_the_one_before_still_proves_and_taken_out_later() {
        let first = Keys::generate().unwrap();
        let [TokenKey { kid: old, .. }] = first.token_keys().try_into().unwrap();
        let both = first.rotated().unwrap();
        let signs: Vec<bool> = both.token_keys().iter().map(|key| key.signs).collect();
        assert_eq!(signs, [true, false]);
        assert_eq!(both.token_keys()[1].kid, old);
        assert_ne!(both.token_signing_key, first.token_signing_key);
        assert_eq!(both.refresh_token_key, first.refresh_token_key);
        let new = &both.token_keys()[0].kid;
        assert!(matches!(both.without(new), Err(KeysError::Signs(kid)) if kid == *new));
        assert!(matches!(both.without("x"), Err(KeysError::Unknown(_))));
        let last = both.without(&old).unwrap();
        assert_eq!(last.token_keys(), both.token_keys()[..1]);
    }

    #[test]
    fn keys_that_were_replaced_are_kept_until_the_next_change() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.json");
        let first = Keys::load_or_make(&file).unwrap();
        let second = first.renewed(Renewable::Link).unwrap();
        second.replace(&first, &file).unwrap();
        assert!(Keys::load_or_make(&file).unwrap() == second);
        assert!(Keys::load_or_make(&before(&file)).unwrap() == first);
        let third = second.rotated().unwrap();
        third.replace(&second, &file).unwrap();
        assert!(Keys::load_or_make(&before(&file)).unwrap() == second);
    }

    #[test]
    fn a_broken_file_is_told_with_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.json");
        std::fs::write(&file, "{}").unwrap();
        let error = Keys::load_or_make(&file).err().unwrap().to_string();
        assert!(error.contains("delete it"), "{error}");
    }
}
