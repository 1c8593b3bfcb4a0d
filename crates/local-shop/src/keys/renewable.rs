//! The keys of which another one ends what the one before has made.

/// The name of the key that signs access tokens.
pub(super) const SIGNING: &str = "token-signing-key";
/// The name in the Parameter Store, under `/<shop>/`, of the keys that prove access tokens.
pub const PUBLIC_KEYS: &str = "token-public-keys";

/// A secret key other than the one that signs access tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewable {
    /// Authenticates refresh tokens, and devices that logged in before.
    RefreshToken,
    /// Authenticates links that are sent by mail.
    Link,
    /// Authenticates cursors.
    Cursor,
}

/// No key of this name is renewed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRenewable {
    /// It signs access tokens, or proves them.
    #[error("`cargo shop keys rotate` replaces it, so that what it has signed stays good")]
    Rotated,
    /// There is none.
    #[error("there is no such key; those that are renewed are {}", names())]
    Unknown,
}

impl Renewable {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::RefreshToken, Self::Link, Self::Cursor];

    /// Its name in the Parameter Store, under `/<shop>/`.
    pub fn name(self) -> &'static str {
        match self {
            Self::RefreshToken => "refresh-token-key",
            Self::Link => "link-key",
            Self::Cursor => "cursor-key",
        }
    }

    /// The key with this name.
    pub fn parse(name: &str) -> Result<Self, NotRenewable> {
        let found = Self::ALL.into_iter().find(|key| key.name() == name);
        found.ok_or(match name {
            SIGNING | PUBLIC_KEYS => NotRenewable::Rotated,
            _ => NotRenewable::Unknown,
        })
    }
}

fn names() -> String {
    let names = Renewable::ALL.map(Renewable::name);
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Keys;

    #[test]
    fn another_key_takes_the_place_of_the_one_that_is_named_and_of_no_other() {
        let old = Keys::generate().unwrap();
        for key in Renewable::ALL {
            assert_eq!(Renewable::parse(key.name()), Ok(key));
            let new = old.renewed(key).unwrap();
            let secrets = new.secrets().into_iter().zip(old.secrets());
            let changed = secrets.filter(|(new, old)| new != old);
            let changed: Vec<&str> = changed.map(|((name, _), _)| name).collect();
            assert_eq!(changed, [key.name()]);
            assert_eq!(new.token_public_keys, old.token_public_keys);
            assert!(new != old.renewed(key).unwrap());
        }
        for rotated in [SIGNING, PUBLIC_KEYS] {
            assert_eq!(Renewable::parse(rotated), Err(NotRenewable::Rotated));
        }
        let unknown = Renewable::parse("session-key").unwrap_err().to_string();
        assert!(
            unknown.ends_with(" refresh-token-key, link-key, cursor-key"),
            "{unknown}"
        );
    }
}
