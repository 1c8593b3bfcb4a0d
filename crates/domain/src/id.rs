//! Ids: opaque, prefixed and safe in a URL.

use std::fmt;

use data_encoding::BASE32_NOPAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{IdempotencyKey, schema::text_schema};

/// 16 bytes as 26 lower-case base32 characters.
fn encode(bytes: &[u8; 16]) -> String {
    BASE32_NOPAD.encode(bytes).to_ascii_lowercase()
}

/// Whether `text` is `prefix` and then 26 characters as [`encode`] writes them.
fn is_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| {
        rest.len() == 26 && rest.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'))
    })
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $pattern:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        text_schema!($name, "pattern": $pattern);

        impl $name {
            /// The id as clients see it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// A user: `usr_` and 128 random bits. Or a guest, who has a session and no account: `gst_` and as many.
    UserId, "^(usr|gst)_[a-z2-7]{26}$"
}

text_id! {
    /// An order: `ord_` and 128 bits that follow from who placed it with which Idempotency-Key.
    OrderId, "^ord_[a-z2-7]{26}$"
}

text_id! {
    /// A product: a slug chosen by staff, `[a-z0-9-]{1,64}`, or `prd_` before such a slug.
    ProductId, "^(prd_)?[a-z0-9-]{1,64}$"
}

impl UserId {
    /// The user's id made of these random bits.
    pub fn from_random(bytes: [u8; 16]) -> Self {
        Self(format!("usr_{}", encode(&bytes)))
    }

    /// The guest's id made of these random bits.
    pub fn guest(bytes: [u8; 16]) -> Self {
        Self(format!("gst_{}", encode(&bytes)))
    }

    /// Whether it is a guest's.
    pub fn is_guest(&self) -> bool {
        self.0.starts_with("gst_")
    }

    /// The id `text` writes, if it can be one.
    pub fn parse(text: &str) -> Option<Self> {
        (is_id(text, "usr_") || is_id(text, "gst_")).then(|| Self(text.to_owned()))
    }
}

impl OrderId {
    /// The one order that `caller` can place with `key`, however often it is sent.
    pub fn of(caller: &UserId, key: &IdempotencyKey) -> Self {
        let mut hash = Sha256::new();
        hash.update(caller.as_str());
        hash.update([0]);
        hash.update(key.as_str());
        let digest = hash.finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self(format!("ord_{}", encode(&bytes)))
    }

    /// The id `text` writes, if it can be one.
    pub fn parse(text: &str) -> Option<Self> {
        is_id(text, "ord_").then(|| Self(text.to_owned()))
    }
}

impl ProductId {
    /// The id `text` writes, if it can be one.
    pub fn parse(text: &str) -> Option<Self> {
        let slug = text.strip_prefix("prd_").unwrap_or(text);
        crate::text::is_slug(slug).then(|| Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_id_follows_from_caller_and_key_alone() {
        let ann = UserId::from_random([1; 16]);
        let bob = UserId::from_random([2; 16]);
        let key = |text: &str| IdempotencyKey::parse(text).unwrap();
        let id = OrderId::of(&ann, &key("k1"));
        assert_eq!(id, OrderId::of(&ann, &key("k1")));
        assert_ne!(id, OrderId::of(&ann, &key("k2")));
        assert_ne!(id, OrderId::of(&bob, &key("k1")));
        assert_eq!(OrderId::parse(id.as_str()), Some(id));
    }

    #[test]
    fn guests_are_told_from_users() {
        let (guest, user) = (UserId::guest([7; 16]), UserId::from_random([7; 16]));
        assert!(guest.is_guest() && !user.is_guest());
        assert_ne!(guest, user);
        assert_eq!(UserId::parse(guest.as_str()), Some(guest));
    }

    #[test]
    fn what_cannot_be_an_id_is_none() {
        for text in [
            "",
            "usr_",
            "usr_AAAAAAAAAAAAAAAAAAAAAAAAAA",
            "ord_aaaaaaaaaaaaaaaaaaaaaaaaaa",
            "usr_aaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert_eq!(UserId::parse(text), None, "{text}");
        }
        for text in ["", "Mug", "a_b", "prd_", "mug/", &"m".repeat(65), "müg"] {
            assert_eq!(ProductId::parse(text), None, "{text}");
        }
        assert!(ProductId::parse(&"m".repeat(64)).is_some());
        assert!(ProductId::parse("prd_7").is_some());
    }
}
