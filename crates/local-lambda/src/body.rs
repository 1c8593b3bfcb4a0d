//! How a request body travels in an event.

use data_encoding::BASE64;
use http::{HeaderMap, header};

/// The body and whether it is Base64: everything is, except valid UTF-8 of a content type that is text.
pub(crate) fn encoded(headers: &HeaderMap, body: &[u8]) -> (Option<String>, bool) {
    if body.is_empty() {
        return (None, false);
    }
    match std::str::from_utf8(body) {
        Ok(text) if is_text(headers) => (Some(text.to_owned()), false),
        _ => (Some(BASE64.encode(body)), true),
    }
}

fn is_text(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = content_type
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    essence.starts_with("text/")
        || [
            "application/json",
            "application/javascript",
            "application/xml",
        ]
        .contains(&essence.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_text_only_with_a_content_type_that_is_text_and_valid_utf_8() {
        let encoded = |content_type: Option<&str>, body: &'static [u8]| {
            let mut headers = HeaderMap::new();
            if let Some(content_type) = content_type {
                headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
            }
            super::encoded(&headers, body)
        };
        for text in [
            "application/json",
            "TEXT/csv",
            "application/XML ;q=1",
            "application/javascript",
        ] {
            assert_eq!(
                encoded(Some(text), b"hi"),
                (Some("hi".to_owned()), false),
                "{text}"
            );
        }
        let base64 = (Some("aGk=".to_owned()), true);
        for binary in [
            None,
            Some("application/problem+json"),
            Some("image/png"),
            Some(""),
        ] {
            assert_eq!(encoded(binary, b"hi"), base64, "{binary:?}");
        }
        assert_eq!(
            encoded(Some("application/json"), b"\xff"),
            (Some("/w==".to_owned()), true)
        );
        assert_eq!(encoded(Some("image/png"), b""), (None, false));
    }
}
