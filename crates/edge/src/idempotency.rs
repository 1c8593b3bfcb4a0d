//! The client's name for one request.

use domain::IdempotencyKey;

use crate::{HttpRequest, Problem, Slug};

/// The request's `Idempotency-Key`, where an operation needs one.
///
/// API Gateway joins repeated headers by commas, which a key may contain: two keys arrive as one.
pub fn idempotency_key(request: &HttpRequest) -> Result<IdempotencyKey, Problem> {
    let mut values = request.headers().get_all("idempotency-key").iter();
    match (values.next(), values.next()) {
        (None, _) => Err(Problem::new(Slug::IdempotencyKeyMissing)),
        (Some(value), None) => value
            .to_str()
            .ok()
            .and_then(IdempotencyKey::parse)
            .ok_or_else(|| Problem::new(Slug::InvalidIdempotencyKey)),
        _ => Err(Problem::new(Slug::InvalidIdempotencyKey)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::event;

    #[test]
    fn one_visible_value_is_a_key() {
        let request = event().header("Idempotency-Key", "a,b").request();
        assert_eq!(idempotency_key(&request).unwrap().as_str(), "a,b");
    }

    #[test]
    fn missing_and_invalid_keys_are_told_apart() {
        let missing = idempotency_key(&event().request()).unwrap_err();
        assert_eq!(missing.slug(), Slug::IdempotencyKeyMissing);
        for bad in ["", " ", "a b", "ü", "a\u{1}b", &"x".repeat(256)] {
            let request = event().header("idempotency-key", bad).request();
            let problem = idempotency_key(&request).unwrap_err();
            assert_eq!(problem.slug(), Slug::InvalidIdempotencyKey, "{bad:?}");
        }
        let twice = event()
            .header("Idempotency-Key", "a")
            .header("idempotency-key", "b")
            .request();
        let problem = idempotency_key(&twice).unwrap_err();
        assert_eq!(problem.slug(), Slug::InvalidIdempotencyKey);
    }
}
