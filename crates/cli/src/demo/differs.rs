//! What the story says of an answer, and how an answer differs from it.

use serde_json::Value;

use super::client::Answer;

/// What the shop does otherwise than the story says.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Differs(pub String);

/// What the story makes of an answer.
pub type Checked<T> = Result<T, Differs>;

impl Answer {
    /// The body of an answer that must have this status.
    pub fn is(&self, status: u16) -> Checked<Value> {
        if self.status != status {
            let body: String = self.text.chars().take(400).collect();
            let differs = format!("status {} instead of {status}: {body}", self.status);
            return Err(Differs(differs));
        }
        Ok(self.json())
    }

    /// The body of an answer that must be this problem.
    pub fn problem(&self, status: u16, slug: &str) -> Checked<Value> {
        let body = self.is(status)?;
        same("type", &body["type"], format!("/problems/{slug}"))?;
        Ok(body)
    }

    /// This answer must be the first one over again, byte for byte, and say so.
    pub fn repeats(&self, first: &Answer) -> Checked<()> {
        self.is(first.status)?;
        if self.text != first.text {
            let differs = format!(
                "the body is {} and not as at first {}",
                self.text, first.text
            );
            return Err(Differs(differs));
        }
        match self.headers.get("idempotent-replayed") {
            Some(value) if value == "true" => Ok(()),
            _ => Err(Differs(
                "the header Idempotent-Replayed: true is missing".into(),
            )),
        }
    }
}

/// A value must be as the story says.
pub fn same(what: &str, is: &Value, should: impl Into<Value>) -> Checked<()> {
    let should = should.into();
    if *is == should {
        return Ok(());
    }
    Err(Differs(format!("{what} is {is} instead of {should}")))
}

/// A member that must be a text.
pub fn text(body: &Value, member: &str) -> Checked<String> {
    let text = body[member].as_str().map(str::to_owned);
    text.ok_or_else(|| Differs(format!("{member} is {} instead of a text", body[member])))
}

/// A list's members, which must be one.
pub fn items(body: &Value) -> Checked<&Vec<Value>> {
    let items = body["items"].as_array();
    items.ok_or_else(|| Differs(format!("items is {} instead of a list", body["items"])))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::header::HeaderMap;
    use serde_json::json;

    use super::*;

    fn answer(status: u16, text: &str, replayed: bool) -> Answer {
        let mut headers = HeaderMap::new();
        if replayed {
            headers.insert("idempotent-replayed", "true".parse().unwrap());
        }
        Answer {
            status,
            headers,
            text: text.into(),
            took: Duration::ZERO,
            tries: 1,
        }
    }

    #[test]
    fn another_status_is_told_with_the_body() {
        let differs = answer(500, "oh", false).is(201).unwrap_err();
        assert_eq!(differs.0, "status 500 instead of 201: oh");
    }

    #[test]
    fn a_problem_has_its_slug() {
        let sold_out = answer(409, r#"{"type":"/problems/out-of-stock"}"#, false);
        assert!(sold_out.problem(409, "out-of-stock").is_ok());
        assert!(sold_out.problem(409, "price-changed").is_err());
        assert!(sold_out.problem(404, "out-of-stock").is_err());
    }

    #[test]
    fn a_repeat_has_the_same_bytes_and_says_that_it_is_one() {
        let first = answer(201, r#"{"a":1}"#, false);
        assert_eq!(answer(201, r#"{"a":1}"#, true).repeats(&first), Ok(()));
        assert!(answer(201, r#"{"a":1}"#, false).repeats(&first).is_err());
        assert!(answer(201, r#"{"a": 1}"#, true).repeats(&first).is_err());
        assert!(answer(200, r#"{"a":1}"#, true).repeats(&first).is_err());
    }

    #[test]
    fn values_are_compared_and_named() {
        let body = json!({"available": 3});
        let differs = same("available", &body["available"], 4).unwrap_err();
        assert_eq!(differs.0, "available is 3 instead of 4");
        assert!(text(&body, "available").is_err());
        assert!(items(&body).is_err());
    }
}
