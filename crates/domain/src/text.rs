//! Rules for texts that people write.

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// More characters than allowed.
    #[error("must be at most {max} characters long")]
    TooLong {
        /// The most characters allowed.
        max: usize,
    },
    /// Contains a control character.
    #[error("must not contain control characters")]
    Control,
}

/// Which member's text is refused, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the member {field} {reason}")]
pub struct FieldError {
    /// The member's name, with those it lies in before it, as in `shipping_address.city`.
    pub field: &'static str,
    /// What is wrong with it.
    pub reason: TextError,
}

/// What [`line`] lets through beside its length, as a regular expression of JSON Schema: something to read, and no control
/// characters.
pub const LINE: &str = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$";

/// What [`prose`] lets through: line breaks and tabs, too.
pub const PROSE: &str = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$";

/// The member's `text` if it is one line of 1 to `max` characters.
pub fn line(field: &'static str, text: String, max: usize) -> Result<String, FieldError> {
    check(&text, max, |c| c.is_control()).map_err(|reason| FieldError { field, reason })?;
    Ok(text)
}

/// The member's `text` if it is 1 to `max` characters, line breaks and tabs allowed.
pub fn prose(field: &'static str, text: String, max: usize) -> Result<String, FieldError> {
    let forbidden = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    check(&text, max, forbidden).map_err(|reason| FieldError { field, reason })?;
    Ok(text)
}

fn check(text: &str, max: usize, forbidden: impl Fn(char) -> bool) -> Result<(), TextError> {
    if text.trim().is_empty() {
        Err(TextError::Empty)
    } else if text.chars().nth(max).is_some() {
        Err(TextError::TooLong { max })
    } else if text.chars().any(forbidden) {
        Err(TextError::Control)
    } else {
        Ok(())
    }
}

/// What [`is_slug`] lets through.
pub const SLUG: &str = "^[a-z0-9-]{1,64}$";

/// Whether `text` is a slug: `[a-z0-9-]{1,64}`.
pub fn is_slug(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(result: Result<String, FieldError>) -> TextError {
        result.unwrap_err().reason
    }

    #[test]
    fn length_counts_characters_not_bytes() {
        assert!(line("name", "ü".repeat(100), 100).is_ok());
        assert_eq!(
            refused(line("name", "ü".repeat(101), 100)),
            TextError::TooLong { max: 100 }
        );
    }

    #[test]
    fn a_refusal_names_the_member_and_its_rule() {
        assert_eq!(
            line("title", "x".repeat(101), 100).unwrap_err().to_string(),
            "the member title must be at most 100 characters long"
        );
    }

    #[test]
    fn control_characters_and_blank_texts_are_refused() {
        assert_eq!(refused(line("note", "a\nb".into(), 9)), TextError::Control);
        assert!(prose("note", "a\nb".into(), 9).is_ok());
        assert_eq!(refused(prose("note", "a\0b".into(), 9)), TextError::Control);
        assert_eq!(refused(line("note", "  ".into(), 9)), TextError::Empty);
    }
}
