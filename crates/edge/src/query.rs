//! The parameters after the question mark.

use crate::{HttpRequest, Problem, Slug};

/// How many items a list gives when the client doesn't say.
pub const DEFAULT_LIMIT: usize = 20;

/// The most items a list gives.
pub const MAX_LIMIT: usize = 100;

/// A request's query, decoded. Parameters an operation doesn't ask for are ignored.
pub struct Query(Vec<(String, String)>);

impl Query {
    /// The query of `request`.
    pub fn of(request: &HttpRequest) -> Self {
        let raw = request.uri().query().unwrap_or_default();
        Self(
            form_urlencoded::parse(raw.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    /// The parameter `name`, if it is there. Twice or not UTF-8: 400 `invalid-parameter`.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Problem> {
        let mut values = self.0.iter().filter(|(known, _)| known == name);
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            // What isn't UTF-8 is decoded to the replacement character, for which nobody looks.
            (Some((_, value)), None) if value.contains('\u{fffd}') => {
                Err(invalid(format!("The parameter {name} must be UTF-8.")))
            }
            (Some((_, value)), None) => Ok(Some(value)),
            _ => Err(invalid(format!(
                "The parameter {name} must not be given twice."
            ))),
        }
    }

    /// How many items of a list are wanted: 1 to 100, 20 if the client doesn't say.
    pub fn limit(&self) -> Result<usize, Problem> {
        let Some(text) = self.text("limit")? else {
            return Ok(DEFAULT_LIMIT);
        };
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        match text.parse() {
            Ok(limit @ 1..=MAX_LIMIT) if digits => Ok(limit),
            _ => Err(invalid(format!(
                "The parameter limit must be a whole number from 1 to {MAX_LIMIT}."
            ))),
        }
    }

    /// Where the list goes on, sealed by [`CursorKey`](crate::CursorKey).
    pub fn cursor(&self) -> Result<Option<&str>, Problem> {
        self.text("cursor")
    }
}

fn invalid(detail: String) -> Problem {
    Problem::new(Slug::InvalidParameter).detail(detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::event;

    fn query(raw: &str) -> Query {
        Query::of(&event().query(raw).request())
    }

    #[test]
    fn texts_are_decoded() {
        let query = query("query=blue+mug%20%C3%BC%26&x=1");
        assert_eq!(query.text("query").unwrap(), Some("blue mug ü&"));
        assert_eq!(query.text("category").unwrap(), None);
    }

    #[test]
    fn a_limit_is_a_whole_number_in_its_range() {
        assert_eq!(query("").limit().unwrap(), 20);
        assert_eq!(query("limit=1").limit().unwrap(), 1);
        assert_eq!(query("limit=100").limit().unwrap(), 100);
        for bad in [
            "",
            "0",
            "101",
            "-1",
            "+5",
            "%2B5",
            "5.0",
            "x",
            "99999999999",
        ] {
            let problem = query(&format!("limit={bad}")).limit().unwrap_err();
            assert_eq!(problem.slug(), Slug::InvalidParameter, "{bad}");
        }
        assert!(query("limit").limit().is_err());
    }

    #[test]
    fn what_is_unknown_is_ignored_and_what_is_ambiguous_refused() {
        let raw = "utm=1&utm=2&%FF=%FF&query=a&query=b&category=%FF&&=&%";
        let query = query(raw);
        assert_eq!(query.limit().unwrap(), 20);
        for name in ["query", "category"] {
            let problem = query.text(name).unwrap_err();
            assert_eq!(problem.slug(), Slug::InvalidParameter, "{name}");
        }
    }
}
