//! Refresh tokens: `family.generation.mac`.
//!
//! The mac is made from the two by a key, so that nothing that is stored can be turned into a token, and a token whose
//! delivery failed can be made again.

use data_encoding::BASE64URL_NOPAD;
use edge::{SettingError, Settings};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const SETTING: &str = "REFRESH_TOKEN_KEY";

/// The key that makes refresh tokens.
pub struct RefreshKey(Hmac<Sha256>);

impl RefreshKey {
    /// The key in the setting `REFRESH_TOKEN_KEY`.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Hmac::new_from_slice(&settings.key(SETTING)?)
            .map(Self)
            .map_err(|_| SettingError::malformed(SETTING, "must be a key for HMAC-SHA-256"))
    }

    /// A new family's name, from these random bytes, and its first token.
    pub fn new_family(&self, random: [u8; 16]) -> (String, String) {
        let family = BASE64URL_NOPAD.encode(&random);
        let token = self.token(&family, 1);
        (family, token)
    }

    /// The token of a family's generation.
    fn token(&self, family: &str, generation: u64) -> String {
        let mut mac = self.0.clone();
        mac.update(b"oxcart refresh 1");
        mac.update(family.as_bytes());
        mac.update(&generation.to_be_bytes());
        let tag = BASE64URL_NOPAD.encode(&mac.finalize().into_bytes());
        format!("{family}.{generation}.{tag}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_follows_from_key_family_and_generation_alone() {
        let key = |text| RefreshKey::from_settings(&Settings::from_map([(SETTING, text)])).unwrap();
        let one = key("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY");
        let other = key("ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA");
        let (family, token) = one.new_family([7; 16]);
        assert_eq!(token, one.token(&family, 1));
        assert_ne!(token, one.token(&family, 2));
        assert_ne!(token, other.token(&family, 1));
    }
}
