//! Finding canaries.

use std::collections::BTreeSet;

/// What every canary begins with. Small letters and digits follow, and say what it was sent as.
const CANARY: &str = "canary";

/// What base64 makes of that, by how far into three bytes it begins: the letters that depend on nothing around it.
const IN_BASE64: [&str; 3] = ["Y2FuYXJ5", "NhbmFye", "jYW5hcn"];

/// What is found where one stands in base64, whichever it is.
pub const ENCODED: &str = "canary in base64";

/// The canaries in a text, in small letters.
pub fn canaries(text: &str) -> BTreeSet<String> {
    let word = |rest: &str| {
        let rest = rest.chars().take_while(char::is_ascii_alphanumeric);
        CANARY.chars().chain(rest).collect::<String>()
    };
    let small = text.to_ascii_lowercase();
    let mut found: BTreeSet<String> = small.split(CANARY).skip(1).map(word).collect();
    if IN_BASE64.iter().any(|encoded| text.contains(encoded)) {
        found.insert(ENCODED.to_owned());
    }
    found
}

/// These canaries, as [`canaries`] finds them.
pub fn these(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_canary_is_found_wherever_and_however_it_is_written() {
    for text in [
        "canary1",
        "it sang, Canary1.",
        "{\"a\":\"CANARY1\"}",
        "%22canary1%22",
        "canary1@example.com",
        "line:canary1-two",
    ] {
        assert_eq!(canaries(text), these(&["canary1"]), "{text}");
    }
    let two = canaries("canarytwo canary-one canarytwo");
    assert_eq!(two, these(&["canary", "canarytwo"]));
    // Of `canary`, `xcanary` and `xxcanary`, by base64(1).
    for text in ["Y2FuYXJ5", "eGNhbmFyeQ==", "eHhjYW5hcnk="] {
        assert_eq!(canaries(text), these(&[ENCODED]), "{text}");
    }
    for text in ["", "can ary", "anarchy", "y2fuyxj5"] {
        assert_eq!(canaries(text), these(&[]), "{text}");
    }
}
