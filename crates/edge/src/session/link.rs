//! Tokens of links that are sent by mail: `id.mac`.
//!
//! What is written down of a link is its id, of which only who has the key makes the token.

use data_encoding::BASE64URL_NOPAD;
use domain::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use store::links::Purpose;

use crate::{SettingError, Settings};

const SETTING: &str = "LINK_KEY";

/// The key that makes links.
pub struct LinkKey(Hmac<Sha256>);

impl LinkKey {
    /// The key in the setting `LINK_KEY`.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Hmac::new_from_slice(&settings.key(SETTING)?)
            .map(Self)
            .map_err(|_| SettingError::malformed(SETTING, "must be a key for HMAC-SHA-256"))
    }

    /// The token of the link with this id.
    pub fn token(&self, purpose: Purpose, id: &str) -> Secret<String> {
        let mac = self.mac(purpose, id).finalize().into_bytes();
        Secret::new(format!("{id}.{}", BASE64URL_NOPAD.encode(&mac)))
    }

    /// The id of the link whose token this is, if this key made it for this purpose.
    pub fn open<'t>(&self, purpose: Purpose, token: &'t Secret<String>) -> Option<&'t str> {
        let (id, mac) = token.expose().split_once('.')?;
        let mac = BASE64URL_NOPAD.decode(mac.as_bytes()).ok()?;
        // Compares in constant time.
        self.mac(purpose, id).verify_slice(&mac).ok()?;
        Some(id)
    }

    fn mac(&self, purpose: Purpose, id: &str) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(b"oxcart link 1");
        mac.update(purpose.as_str().as_bytes());
        mac.update(&[0]);
        mac.update(id.as_bytes());
        mac
    }
}

/// A new link's id, from these random bytes.
pub fn link_id(random: [u8; 16]) -> String {
    BASE64URL_NOPAD.encode(&random)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> LinkKey {
        LinkKey::from_settings(&Settings::from_map([(SETTING, text)])).unwrap()
    }

    #[test]
    fn a_token_opens_its_link_for_its_purpose_by_its_key() {
        let one = key("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY");
        let other = key("ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA");
        let id = link_id([7; 16]);
        let token = one.token(Purpose::ResetPassword, &id);
        assert_eq!(one.open(Purpose::ResetPassword, &token), Some(id.as_str()));
        assert_eq!(one.open(Purpose::VerifyEmail, &token), None);
        assert_eq!(other.open(Purpose::ResetPassword, &token), None);
        for text in [
            "",
            ".",
            &id,
            &format!("{id}."),
            &format!("{}=", token.expose()),
        ] {
            let text = Secret::new(text.to_owned());
            assert_eq!(one.open(Purpose::ResetPassword, &text), None);
        }
    }
}
