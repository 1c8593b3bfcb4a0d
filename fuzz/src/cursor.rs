//! Nothing opens but what was sealed, and only where it was sealed for.

use std::sync::LazyLock;

use edge::{CursorKey, CursorScope, Settings, Slug};
use serde_json::Value;

use crate::input::Input;

/// What a fuzzer hardly finds by itself.
pub const WORDS: &[&str] = &[CURSOR];

/// Stands in a text for the cursor that the input's numbers say.
const CURSOR: &str = "<cursor>";

/// The most characters of a cursor that is looked at.
const LONGEST: usize = 2048;

static KEY: LazyLock<CursorKey> = LazyLock::new(|| {
    let settings =
        Settings::from_map([("CURSOR_KEY", "bm90IGEgc2VjcmV0LCBidXQgMzIgYnl0ZXMgb2YgaXQ")]);
    CursorKey::from_settings(&settings).expect("this can be a key")
});

/// A change of four bytes, a place of two, a position's number of eight, then a text.
///
/// The text is a cursor that somebody sends, a position, and the parameters of a list.
pub fn cursor(bytes: &[u8]) -> bool {
    let mut input = Input::new(bytes);
    let change = input.change();
    let at = usize::from(u16::from_be_bytes(input.bytes()));
    let number = u64::from_be_bytes(input.bytes());
    let text = input.text();

    let scope = CursorScope::new("list-products", None).with("category", Some("mugs"));
    let sealed = sealed_and_opened(&scope, &text, number);
    let short = seal(&scope, "mug", number);
    for cursor in [&sealed, &short] {
        let changed = change.of(cursor);
        if changed != *cursor {
            refused(&scope, &changed);
        }
    }
    elsewhere(&text, at);
    let sent = change.of(&text.replace(CURSOR, &short));
    sent_by_somebody(&scope, &sent)
}

fn seal(scope: &CursorScope, name: &str, number: u64) -> String {
    KEY.seal(scope, &(name, number))
        .expect("a position can be sealed")
}

/// What is sealed opens as it was, unless it is longer than anything that is looked at.
fn sealed_and_opened(scope: &CursorScope, name: &str, number: u64) -> String {
    let cursor = seal(scope, name, number);
    let safe = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
    assert!(cursor.bytes().all(safe), "{cursor}");
    match KEY.open::<(String, u64)>(scope, &cursor) {
        Ok(opened) => assert_eq!(opened, (name.to_owned(), number)),
        Err(_) => assert!(cursor.len() > LONGEST, "{cursor} does not open"),
    }
    cursor
}

fn refused(scope: &CursorScope, cursor: &str) {
    match KEY.open::<Value>(scope, cursor) {
        Ok(position) => panic!("{cursor} opens as {position}"),
        Err(problem) => assert_eq!(problem.slug(), Slug::InvalidCursor),
    }
}

/// The same characters, parted elsewhere into parameters, are another list.
fn elsewhere(text: &str, at: usize) {
    let ends: Vec<usize> = text.char_indices().map(|(end, _)| end).collect();
    if ends.is_empty() {
        return;
    }
    let list = |end: usize| {
        let (query, category) = text.split_at(ends[end % ends.len()]);
        CursorScope::new("list-products", None)
            .with("query", Some(query))
            .with("category", Some(category))
    };
    let (here, there) = (list(at), list(at + 1));
    let cursor = seal(&here, "mug", 1);
    assert!(KEY.open::<Value>(&here, &cursor).is_ok());
    if ends.len() > 1 {
        assert_ne!(here, there);
        refused(&there, &cursor);
    }
    // A parameter that is not there is not an empty one, nor two of them one.
    let named = |value| CursorScope::new("list-products", None).with(text, value);
    assert_ne!(named(None), named(Some("")));
    assert_ne!(named(Some(text)), named(None).with(text, None));
}

/// Whatever opens is, to the letter, what the key seals.
fn sent_by_somebody(scope: &CursorScope, sent: &str) -> bool {
    match KEY.open::<(String, u64)>(scope, sent) {
        Ok((name, number)) => {
            assert_eq!(seal(scope, &name, number), sent);
            true
        }
        Err(problem) => {
            assert_eq!(problem.slug(), Slug::InvalidCursor);
            false
        }
    }
}
