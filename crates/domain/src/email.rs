//! E-mail addresses.

use std::fmt;

use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::schema::text_schema;

/// An e-mail address, trimmed and in lower case: two spellings of one address are equal.
///
/// Its `Debug` hides it, since an address is personal data that no log may hold.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Email(String);

/// The text is no e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the member email must be an address like name@example.com, of at most 254 characters")]
pub struct InvalidEmail;

text_schema!(Email, "format": "email");

impl Email {
    /// The address `text` writes.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim().to_lowercase();
        let options = email_address::Options::default()
            .without_display_text()
            .without_domain_literal()
            .with_required_tld();
        if text.len() > 254 || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(InvalidEmail);
        }
        email_address::EmailAddress::parse_with_options(&text, options)
            .map(|_| Self(text))
            .map_err(|_| InvalidEmail)
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the `@`.
    pub fn name(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(name, _)| name)
    }

    /// A digest under which the address can be claimed and counted without being written: SHA-256 in hex.
    pub fn digest(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(&self.0))
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address_are_equal() {
        let a = Email::parse(" Ann@Example.COM ").unwrap();
        assert_eq!(a.as_str(), "ann@example.com");
        // SHA-256, by sha256sum.
        let digest = "71d4f55f72fa128dfb468a1a3901507c804b74316488744d769d7f4b16696476";
        assert_eq!(a.digest(), digest);
        assert_eq!(a, Email::parse("ann@example.com").unwrap());
        assert_eq!(
            a.digest(),
            Email::parse("ANN@example.com").unwrap().digest()
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "ann",
            "ann@",
            "@example.com",
            "ann@example",
            "a b@example.com",
            "Ann <ann@example.com>",
            "ann@example.com\0",
            "a@[127.0.0.1]",
        ] {
            assert_eq!(Email::parse(text), Err(InvalidEmail), "{text}");
        }
        assert_eq!(
            Email::parse(&format!("{}@example.com", "a".repeat(250))),
            Err(InvalidEmail)
        );
    }

    #[test]
    fn it_has_254_characters_at_most() {
        let of_length = |length: usize| {
            let labels = "a".repeat(61).to_owned() + ".";
            let domain = labels.repeat(4);
            let rest = length - domain.len() - "@com".len();
            Email::parse(&format!("{}@{domain}com", "x".repeat(rest)))
        };
        assert!(of_length(254).is_ok());
        assert_eq!(of_length(255), Err(InvalidEmail));
    }

    #[test]
    fn its_debug_hides_it() {
        assert_eq!(
            format!("{:?}", Email::parse("ann@example.com").unwrap()),
            "Email(…)"
        );
    }
}
