//! Refresh tokens: `family.generation.mac`.
//!
//! The mac is made from the two by a key, so that nothing that is stored can be turned into a token, and a token whose
//! delivery failed can be made again. A token `device.day.mac` of the same kind lets a device be known that logged in
//! before.

use data_encoding::BASE64URL_NOPAD;
use domain::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{SettingError, Settings};

const SETTING: &str = "REFRESH_TOKEN_KEY";

/// For how many days a device is known that logged in.
const DEVICE_DAYS: u64 = 180;

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
        let (family, generation, tag) = parts(token)?;
        // Compares in constant time.
        self.mac(family, generation).verify_slice(&tag).ok()?;
        Some((family, generation))
    }

    fn mac(&self, family: &str, generation: u64) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(b"oxcart refresh 1");
        mac.update(family.as_bytes());
        mac.update(&generation.to_be_bytes());
        mac
    }

    /// A token by which this device is known to `owner` for half a year.
    pub fn device_token(&self, device: &str, owner: &str, now: Timestamp) -> String {
        let day = now.day().number().unsigned_abs();
        let mac = self.device_mac(device, day, owner).finalize();
        let mac = BASE64URL_NOPAD.encode(&mac.into_bytes());
        format!("{device}.{day}.{mac}")
    }

    /// The device with this token, if this key made it for `owner` within half a year.
    pub fn open_device<'t>(&self, token: &'t str, owner: &str, now: Timestamp) -> Option<&'t str> {
        let (device, day, tag) = parts(token)?;
        self.device_mac(device, day, owner)
            .verify_slice(&tag)
            .ok()?;
        let today = now.day().number().unsigned_abs();
        (today.abs_diff(day) <= DEVICE_DAYS).then_some(device)
    }

    fn device_mac(&self, device: &str, day: u64, owner: &str) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(b"oxcart device 1");
        mac.update(&day.to_be_bytes());
        mac.update(owner.as_bytes());
        // No device's name has one, so that neither part can pass for the other's.
        mac.update(&[0]);
        mac.update(device.as_bytes());
        mac
    }
}

/// Name, number and mac of a token, which is written in one way only.
fn parts(token: &str) -> Option<(&str, u64, Vec<u8>)> {
    let mut parts = token.splitn(3, '.');
    let (name, text, tag) = (parts.next()?, parts.next()?, parts.next()?);
    let number: u64 = text.parse().ok()?;
    let tag = BASE64URL_NOPAD.decode(tag.as_bytes()).ok()?;
    (number.to_string() == text).then_some((name, number, tag))
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

    #[test]
    fn a_device_is_known_to_its_account_for_half_a_year() {
        let text = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
        let key = RefreshKey::from_settings(&Settings::from_map([(SETTING, text)])).unwrap();
        let day = |day: i64| Timestamp::from_millis(day * 24 * 3600 * 1000);
        let token = key.device_token("device", "ann", day(20_000));
        let device = key.open_device(&token, "ann", day(20_180));
        assert_eq!(device, token.split('.').next());
        assert_eq!(key.open_device(&token, "ann", day(20_181)), None);
        assert_eq!(key.open_device(&token, "bob", day(20_000)), None);
        // Neither kind of token passes for the other.
        let refresh = key.token(&key.family([7; 16]), 20_000);
        assert_eq!(key.open_device(&refresh, "ann", day(20_000)), None);
        assert_eq!(key.open(&token), None);
        let later = token.replacen(".20000.", ".20179.", 1);
        assert_eq!(key.open_device(&later, "ann", day(20_179)), None);
    }
}
