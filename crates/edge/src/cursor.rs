//! Where the next page of a list begins: the store's position, sealed so that a client can only give it back.

use data_encoding::BASE64URL_NOPAD;
use domain::Caller;
use hmac::{Hmac, KeyInit, Mac};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;

use crate::{Problem, Query, SettingError, Settings, Slug};

/// The setting with the key.
const SETTING: &str = "CURSOR_KEY";

/// The most characters of a cursor.
const MAX_LENGTH: usize = 2048;

/// Bytes of the HMAC that a cursor carries: half of it, as RFC 2104 allows.
const TAG: usize = 16;

/// What a cursor belongs to: an operation, who calls it, and what of the request decides which items the list has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CursorScope(Vec<u8>);

impl CursorScope {
    /// The list that `operation` gives `caller`, or anyone.
    pub fn new(operation: &str, caller: Option<&Caller>) -> Self {
        let (id, role) = match caller {
            Some(caller) => (caller.id.as_str(), caller.role.as_str()),
            None => ("-", "-"),
        };
        Self(Vec::new())
            .with("operation", Some(operation))
            .with("caller", Some(id))
            .with("role", Some(role))
    }

    /// With a parameter that the list depends on: of the path or of the query, but neither `limit` nor `cursor`.
    pub fn with(mut self, name: &str, value: Option<&str>) -> Self {
        for part in [Some(name), value] {
            // The length first, so that no two lists of parts are the same bytes; one more for what is there.
            let length = part.map_or(0, |part| part.len() as u64 + 1);
            self.0.extend(length.to_be_bytes());
            self.0.extend(part.unwrap_or_default().as_bytes());
        }
        self
    }
}

/// A part of a list, as every list answers.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "{T}List")]
pub struct Page<T> {
    items: Vec<T>,
    /// Asks for the next part; null at the end.
    next_cursor: Option<String>,
}

/// The key that seals cursors.
pub struct CursorKey(Hmac<Sha256>);

impl CursorKey {
    /// The key in the setting `CURSOR_KEY`.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Hmac::new_from_slice(&settings.key(SETTING)?)
            .map(Self)
            .map_err(|_| SettingError::malformed(SETTING, "must be a key for HMAC-SHA-256"))
    }

    /// The cursor for `position` in a list.
    pub fn seal(&self, scope: &CursorScope, position: &impl Serialize) -> Result<String, Problem> {
        let position = serde_json::to_vec(position).map_err(Problem::internal)?;
        let tag = self.mac(scope, &position).finalize().into_bytes();
        let mut bytes = tag[..TAG].to_vec();
        bytes.extend(position);
        Ok(BASE64URL_NOPAD.encode(&bytes))
    }

    /// The position after which the list goes on that `query` asks for; `None` at its beginning.
    pub fn after<P: DeserializeOwned>(
        &self,
        scope: &CursorScope,
        query: &Query,
    ) -> Result<Option<P>, Problem> {
        let cursor = query.cursor()?;
        cursor.map(|cursor| self.open(scope, cursor)).transpose()
    }

    /// The part of a list that holds these items and goes on after `next`.
    pub fn page<T>(
        &self,
        scope: &CursorScope,
        items: Vec<T>,
        next: Option<impl Serialize>,
    ) -> Result<Page<T>, Problem> {
        let next_cursor = next.map(|next| self.seal(scope, &next)).transpose()?;
        Ok(Page { items, next_cursor })
    }

    /// The position that `cursor` holds: 400 `invalid-cursor` if this key did not seal it for this scope.
    pub fn open<T: DeserializeOwned>(
        &self,
        scope: &CursorScope,
        cursor: &str,
    ) -> Result<T, Problem> {
        self.position(scope, cursor)
            .and_then(|position| serde_json::from_slice(&position).ok())
            .ok_or_else(|| Problem::new(Slug::InvalidCursor))
    }

    fn position(&self, scope: &CursorScope, cursor: &str) -> Option<Vec<u8>> {
        if cursor.len() > MAX_LENGTH {
            return None;
        }
        let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).ok()?;
        let (tag, position) = bytes.split_at_checked(TAG)?;
        // Compares in constant time.
        let mac = self.mac(scope, position);
        mac.verify_truncated_left(tag).ok()?;
        Some(position.to_vec())
    }

    fn mac(&self, scope: &CursorScope, position: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(b"oxcart cursor 1");
        mac.update(&(scope.0.len() as u64).to_be_bytes());
        mac.update(&scope.0);
        mac.update(position);
        mac
    }
}

#[cfg(test)]
mod tests {
    use domain::{Role, UserId};

    use super::*;

    fn key(byte: u8) -> CursorKey {
        let text = BASE64URL_NOPAD.encode(&[byte; 32]);
        CursorKey::from_settings(&Settings::from_map([(SETTING, &text)])).unwrap()
    }

    fn caller(byte: u8, role: Role) -> Caller {
        let id = UserId::from_random([byte; 16]);
        Caller { id, role }
    }

    fn scope(caller: Option<&Caller>, category: Option<&str>) -> CursorScope {
        CursorScope::new("list-products", caller).with("category", category)
    }

    fn position() -> (String, u64) {
        ("mug".to_owned(), 7)
    }

    #[test]
    fn a_cursor_gives_its_position_back() {
        let scope = scope(None, Some("mugs"));
        let cursor = key(1).seal(&scope, &position()).unwrap();
        assert!(
            cursor
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        );
        assert_eq!(
            key(1).open::<(String, u64)>(&scope, &cursor).unwrap(),
            position()
        );
    }

    #[test]
    fn a_cursor_changed_anywhere_is_refused() {
        let scope = scope(None, None);
        let key = key(1);
        let cursor = key.seal(&scope, &position()).unwrap();
        let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let changed = BASE64URL_NOPAD.encode(&changed);
            let opened = key.open::<(String, u64)>(&scope, &changed);
            assert_eq!(opened.unwrap_err().slug(), Slug::InvalidCursor, "bit {bit}");
        }
        let padded = format!("{cursor}=");
        let longer = format!("{cursor}A");
        let huge = "A".repeat(1_000_000);
        for text in [
            "",
            "A",
            "ü",
            " ",
            &cursor[1..],
            &padded,
            &longer,
            &huge,
            &cursor[..20],
        ] {
            assert!(
                key.open::<(String, u64)>(&scope, text).is_err(),
                "{text:.40}"
            );
        }
    }

    #[test]
    fn a_cursor_is_good_for_its_caller_query_and_key_only() {
        let (ann, bob) = (caller(1, Role::Customer), caller(2, Role::Customer));
        let staff = caller(1, Role::Staff);
        let here = scope(Some(&ann), Some("mugs"));
        let cursor = key(1).seal(&here, &position()).unwrap();
        for elsewhere in [
            scope(None, Some("mugs")),
            scope(Some(&bob), Some("mugs")),
            scope(Some(&staff), Some("mugs")),
            scope(Some(&ann), Some("cups")),
            scope(Some(&ann), Some("")),
            scope(Some(&ann), None),
            CursorScope::new("list-orders", Some(&ann)).with("category", Some("mugs")),
            CursorScope::new("list-products", Some(&ann)).with("query", Some("mugs")),
            CursorScope::new("list-products", Some(&ann)),
        ] {
            let opened = key(1).open::<(String, u64)>(&elsewhere, &cursor);
            assert!(opened.is_err(), "{elsewhere:?}");
        }
        assert!(key(2).open::<(String, u64)>(&here, &cursor).is_err());
        assert!(key(1).open::<(String, u64)>(&here, &cursor).is_ok());
    }
}
