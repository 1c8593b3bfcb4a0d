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

/// `text` if it is one line of 1 to `max` characters.
pub fn line(text: String, max: usize) -> Result<String, TextError> {
    check(&text, max, |c| c.is_control())?;
    Ok(text)
}

/// `text` if it is 1 to `max` characters, line breaks and tabs allowed.
pub fn prose(text: String, max: usize) -> Result<String, TextError> {
    check(&text, max, |c| {
        c.is_control() && !matches!(c, '\n' | '\r' | '\t')
    })?;
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

    #[test]
    fn length_counts_characters_not_bytes() {
        assert!(line("ü".repeat(100), 100).is_ok());
        assert_eq!(
            line("ü".repeat(101), 100),
            Err(TextError::TooLong { max: 100 })
        );
    }

    #[test]
    fn control_characters_and_blank_texts_are_refused() {
        assert_eq!(line("a\nb".into(), 100), Err(TextError::Control));
        assert!(prose("a\nb".into(), 100).is_ok());
        assert_eq!(prose("a\0b".into(), 100), Err(TextError::Control));
        assert_eq!(line("  ".into(), 100), Err(TextError::Empty));
    }
}
