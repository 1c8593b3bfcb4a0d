//! Refresh tokens: `family.generation.mac`.
//!
//! The mac is made from the two by a key, so that nothing that is stored can be turned into a token, and a token whose
//! delivery failed can be made again.

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{SettingError, Settings};

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

    /// A new family's name, from these random bytes.
    pub fn family(&self, random: [u8; 16]) -> String {
        BASE64URL_NOPAD.encode(&random)
    }

    /// The token of a family's generation.
    pub fn token(&self, family: &str, generation: u64) -> String {
        let mac = self.mac(family, generation).finalize().into_bytes();
        format!("{family}.{generation}.{}", BASE64URL_NOPAD.encode(&mac))
    }

    /// Family and generation of a token that this key made.
    pub fn open<'t>(&self, token: &'t str) -> Option<(&'t str, u64)> {
        let mut parts = token.splitn(3, '.');
        let (family, generation, tag) = (parts.next()?, parts.next()?, parts.next()?);
        let number: u64 = generation.parse().ok()?;
        let tag = BASE64URL_NOPAD.decode(tag.as_bytes()).ok()?;
        // Compares in constant time.
        self.mac(family, number).verify_slice(&tag).ok()?;
        (number.to_string() == generation).then_some((family, number))
    }

    fn mac(&self, family: &str, generation: u64) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(b"oxcart refresh 1");
        mac.update(family.as_bytes());
        mac.update(&generation.to_be_bytes());
        mac
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
        let family = one.family([7; 16]);
        let token = one.token(&family, 1);
        assert_eq!(token, one.token(&family, 1));
        assert_ne!(token, one.token(&family, 2));
        assert_ne!(token, other.token(&family, 1));
        assert_eq!(one.open(&token), Some((family.as_str(), 1)));
        assert_eq!(other.open(&token), None);
    }

    #[test]
    fn a_token_changed_anywhere_opens_nothing() {
        let text = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
        let key = RefreshKey::from_settings(&Settings::from_map([(SETTING, text)])).unwrap();
        let token = key.token(&key.family([7; 16]), 12);
        for at in 0..token.len() {
            for other in ["A", "B", "1", "2", ".", "+", ""] {
                let mut changed = token.clone();
                changed.replace_range(at..=at, other);
                if changed != token {
                    assert_eq!(key.open(&changed), None, "{changed}");
                }
            }
        }
        for text in [
            "",
            ".",
            "..",
            "...",
            "a.1.",
            "a.-1.b",
            &token[1..],
            &format!("{token}="),
        ] {
            assert_eq!(key.open(text), None, "{text}");
        }
        let padded = token.replacen(".12.", ".012.", 1);
        assert_eq!(key.open(&padded), None);
    }
}
