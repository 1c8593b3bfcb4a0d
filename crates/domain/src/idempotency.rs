//! How a repeated request is known.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// A client's name for one request: 1 to 255 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key `text` writes, if it can be one.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// SHA-256 of the key in hex: what is stored, so that a key that holds personal data leaves none.
    pub fn digest(&self) -> String {
        data_encoding::HEXLOWER.encode(&Sha256::digest(&self.0))
    }
}

/// SHA-256 over an operation, the ids in its path and its body's meaning: equal for two requests that ask for the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of `operation` on the things `path` names with this canonical body.
    ///
    /// Canonical: absent and null are one (skip what is `None`), and what has no order is sorted.
    pub fn of(operation: &str, path: &[&str], body: &impl Serialize) -> Self {
        let mut hash = Sha256::new();
        for part in std::iter::once(&operation).chain(path) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        // A body of plain structs always serializes; should one not, it shares no fingerprint with one that does.
        hash.update(serde_json::to_vec(body).unwrap_or_default());
        Self(hash.finalize().into())
    }

    /// The fingerprint with these bytes, as it was stored.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes, to be stored.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_visible_ascii_of_limited_length() {
        for text in ["", "a b", "ü", "a\t", &"x".repeat(256)] {
            assert_eq!(IdempotencyKey::parse(text), None, "{text:?}");
        }
        assert!(IdempotencyKey::parse(&"x".repeat(255)).is_some());
    }

    #[test]
    fn what_is_stored_is_a_digest() {
        let key = IdempotencyKey::parse("order-1").unwrap();
        // SHA-256, by sha256sum.
        let digest = "0bafe22156d2698c143b86040446d366ead863ba600d5c924f3d15c786ef4057";
        assert_eq!(key.digest(), digest);
        let fingerprint = Fingerprint::from_bytes([9; 32]);
        assert_eq!(fingerprint.as_bytes(), &[9; 32]);
    }

    #[test]
    fn fingerprints_differ_by_operation_path_and_body() {
        let base = Fingerprint::of("pay-order", &["ord_1"], &"tok_ok");
        assert_eq!(base, Fingerprint::of("pay-order", &["ord_1"], &"tok_ok"));
        assert_ne!(base, Fingerprint::of("pay-order", &["ord_2"], &"tok_ok"));
        assert_ne!(base, Fingerprint::of("pay-order", &["ord_1"], &"tok_no"));
        assert_ne!(base, Fingerprint::of("pay-orderord_1", &[], &"tok_ok"));
    }
}
