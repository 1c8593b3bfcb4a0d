//! The local shop's keys: made once, kept in one file that only its owner can read.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use data_encoding::BASE64URL_NOPAD;
use edge::SigningKey;
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};

use crate::template::Parameters;

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
    #[error("{} holds no keys ({source}); delete it and new ones are made", file.display())]
    Broken {
        /// The file.
        file: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
}

/// A shop's keys, as settings take them.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// Signs access tokens (`TOKEN_SIGNING_KEY`).
    pub token_signing_key: String,
    /// The JWK set that proves them (`TOKEN_PUBLIC_KEYS`).
    pub token_public_keys: String,
    /// Authenticates refresh tokens.
    pub refresh_token_key: String,
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
            cursor_key: random_key()?,
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
                let text = serde_json::to_string_pretty(&keys).unwrap_or_default();
                write_private(file, &text).map_err(wrong)?;
                Ok(keys)
            }
            Err(error) => Err(wrong(error)),
        }
    }

    /// The root template's parameters of a shop with this name and these keys.
    pub fn parameters(&self, shop: &str) -> Parameters {
        let parameters = [
            ("Shop", shop),
            ("TokenPublicKeys", &self.token_public_keys),
            ("TokenSigningKey", &self.token_signing_key),
            ("RefreshTokenKey", &self.refresh_token_key),
            ("CursorKey", &self.cursor_key),
        ];
        parameters
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }
}

/// Writes a file that only its owner can read.
pub fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut opened = options.open(file)?;
    #[cfg(unix)]
    opened.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    opened.write_all(text.as_bytes())
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
    fn a_broken_file_is_told_with_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.json");
        std::fs::write(&file, "{}").unwrap();
        let error = Keys::load_or_make(&file).err().unwrap().to_string();
        assert!(error.contains("delete it"), "{error}");
    }
}
