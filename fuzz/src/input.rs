//! Takes an input apart: numbers from its front, then a text.

use std::borrow::Cow;

/// What is left of an input.
pub struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    /// All of it.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next bytes, with zeros for those that are not there.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let (front, rest) = self.0.split_at(N.min(self.0.len()));
        self.0 = rest;
        let mut bytes = [0; N];
        bytes[..front.len()].copy_from_slice(front);
        bytes
    }

    /// The next change of a text.
    pub fn change(&mut self) -> Change {
        let [kind, high, low, with] = self.bytes();
        Change {
            kind,
            at: usize::from(u16::from_be_bytes([high, low])),
            with,
        }
    }

    /// The rest as a text. What is not UTF-8 in it is replaced.
    pub fn text(self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.0)
    }
}

/// One change somewhere in a text. Its kind is a letter, so that seeds can be read.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    kind: u8,
    at: usize,
    with: u8,
}

impl Change {
    /// The text changed: one character replaced (`r`), put in (`i`) or left out (`d`), or everything from there on left
    /// out (`t`). Any other letter changes nothing.
    pub fn of(self, text: &str) -> String {
        let mut characters: Vec<char> = text.chars().collect();
        let at = self.at % (characters.len() + 1);
        let with = char::from(self.with);
        let inside = at < characters.len();
        match self.kind {
            b'r' if inside => characters[at] = with,
            b'i' => characters.insert(at, with),
            b'd' if inside => {
                characters.remove(at);
            }
            b't' => characters.truncate(at),
            _ => {}
        }
        characters.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_that_is_too_short_goes_on_with_zeros() {
        let mut input = Input::new(&[1, 2, 3]);
        assert_eq!(input.bytes(), [1, 2]);
        assert_eq!(input.bytes(), [3, 0, 0]);
        assert_eq!(input.text(), "");
    }

    #[test]
    fn a_change_changes_one_place() {
        let changed = |change: &[u8]| Input::new(change).change().of("abc");
        assert_eq!(changed(b"r\0\x01x"), "axc");
        assert_eq!(changed(b"i\0\x03x"), "abcx");
        assert_eq!(changed(b"d\0\x00x"), "bc");
        assert_eq!(changed(b"t\0\x02x"), "ab");
        assert_eq!(changed(b"=\0\x01x"), "abc");
    }
}
