//! From what a function answers to the HTTP response, as payload format 2.0 says.
//!
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
};
use bytes::Bytes;
use data_encoding::BASE64;
use serde::Deserialize;
use serde_json::Value;

/// What ends the JSON at the head of a streamed answer.
const PRELUDE_END: [u8; 8] = [0; 8];

/// A function's answer, whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) body: Bytes,
    /// Whether it was streamed as an HTTP response: status and headers as JSON, eight NULs, the body.
    pub(crate) has_prelude: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    status_code: Value,
    headers: Option<BTreeMap<String, Value>>,
    multi_value_headers: Option<BTreeMap<String, Vec<Value>>>,
    cookies: Option<Vec<String>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

/// The HTTP response for `answer`, or nothing if it is no answer API Gateway could use.
pub(crate) fn to_response(answer: &Answer) -> Option<Response<Body>> {
    if answer.has_prelude {
        return streamed(&answer.body);
    }
    let value: Value = serde_json::from_slice(&answer.body).ok()?;
    if value.get("statusCode").is_none() {
        return Some(bare(value));
    }
    let mut head: Head = serde_json::from_value(value).ok()?;
    let body = head.body.take().unwrap_or_default();
    let body = match head.is_base64_encoded {
        Some(true) => BASE64.decode(body.as_bytes()).ok()?,
        _ => body.into_bytes(),
    };
    head.response(body.into())
}

/// An answer without a status is the body of a 200.
fn bare(value: Value) -> Response<Body> {
    let body = match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let mut response = Response::new(Body::from(body));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

fn streamed(bytes: &Bytes) -> Option<Response<Body>> {
    let end = bytes
        .windows(PRELUDE_END.len())
        .position(|window| window == PRELUDE_END)?;
    let mut head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
    head.spread_lists();
    head.response(bytes.slice(end + PRELUDE_END.len()..))
}

impl Head {
    fn response(self, body: Bytes) -> Option<Response<Body>> {
        let mut headers = self.header_map()?;
        if !body.is_empty() && !headers.contains_key(header::CONTENT_TYPE) {
            let text = HeaderValue::from_static("text/plain;charset=UTF-8");
            headers.insert(header::CONTENT_TYPE, text);
        }
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status(&self.status_code)?;
        *response.headers_mut() = headers;
        Some(response)
    }

    /// Only a streamed head may have a list for a header that occurs more than once.
    fn spread_lists(&mut self) {
        let lists = self.multi_value_headers.get_or_insert_default();
        self.headers.get_or_insert_default().retain(|name, value| {
            if let Some(list) = value.as_array() {
                lists.insert(name.clone(), list.clone());
            }
            !value.is_array()
        });
    }

    fn header_map(&self) -> Option<HeaderMap> {
        let mut map = HeaderMap::new();
        for (name, value) in self.headers.iter().flatten() {
            map.append(header_name(name)?, header_value(value)?);
        }
        for (name, values) in self.multi_value_headers.iter().flatten() {
            // A name in both is meant once: the list has every value.
            let name = header_name(name)?;
            map.remove(&name);
            for value in values {
                map.append(&name, header_value(value)?);
            }
        }
        for cookie in self.cookies.iter().flatten() {
            map.append(header::SET_COOKIE, HeaderValue::from_str(cookie).ok()?);
        }
        // How the response is framed is the front's to say.
        for framing in [
            header::CONTENT_LENGTH,
            header::TRANSFER_ENCODING,
            header::CONNECTION,
        ] {
            map.remove(framing);
        }
        Some(map)
    }
}

/// A final status: a number, or the number as a text.
fn status(value: &Value) -> Option<StatusCode> {
    let number = match value {
        Value::String(text) => text.parse().ok()?,
        other => other.as_u64()?,
    };
    let status = StatusCode::from_u16(u16::try_from(number).ok()?).ok()?;
    (200..=599).contains(&status.as_u16()).then_some(status)
}

fn header_name(name: &str) -> Option<HeaderName> {
    HeaderName::from_bytes(name.as_bytes()).ok()
}

fn header_value(value: &Value) -> Option<HeaderValue> {
    match value {
        Value::String(text) => HeaderValue::from_str(text).ok(),
        Value::Number(_) | Value::Bool(_) => HeaderValue::from_str(&value.to_string()).ok(),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use serde_json::json;

    use super::*;

    fn convert(body: impl Into<Bytes>, has_prelude: bool) -> Option<Response<Body>> {
        to_response(&Answer {
            body: body.into(),
            has_prelude,
        })
    }

    fn response(answer: &Value) -> Option<Response<Body>> {
        convert(answer.to_string(), false)
    }

    async fn text(response: Response<Body>) -> String {
        String::from_utf8(to_bytes(response.into_body(), 1000).await.unwrap().to_vec()).unwrap()
    }

    fn values(response: &Response<Body>, name: &str) -> Vec<String> {
        let values = response.headers().get_all(name).iter();
        values
            .map(|value| value.to_str().unwrap().to_owned())
            .collect()
    }

    #[tokio::test]
    async fn status_headers_cookies_and_body_are_taken_over() {
        let response = response(&json!({
            "statusCode": 201,
            "headers": {"Location": "/orders/1", "vary": "a", "retry-after": 3, "content-length": "99"},
            "multiValueHeaders": {"vary": ["a", "b"]},
            "cookies": ["a=1; Secure", "b=2"],
            "body": "{}",
            "isBase64Encoded": false,
        }))
        .unwrap();
        assert_eq!(response.status(), StatusCode::CREATED);
        assert_eq!(values(&response, "location"), ["/orders/1"]);
        assert_eq!(values(&response, "vary"), ["a", "b"]);
        assert_eq!(values(&response, "retry-after"), ["3"]);
        assert_eq!(values(&response, "set-cookie"), ["a=1; Secure", "b=2"]);
        assert_eq!(
            values(&response, "content-type"),
            ["text/plain;charset=UTF-8"]
        );
        assert_eq!(values(&response, "content-length"), [""; 0]);
        assert_eq!(text(response).await, "{}");
    }

    #[tokio::test]
    async fn a_base64_body_is_decoded() {
        let answer = json!({"statusCode": "200", "body": "aGk=", "isBase64Encoded": true});
        assert_eq!(text(response(&answer).unwrap()).await, "hi");
    }

    #[tokio::test]
    async fn a_bare_json_value_is_the_body_of_a_200() {
        for (answer, body) in [
            (json!({"a": 1}), "{\"a\":1}"),
            (json!("hi"), "hi"),
            (json!(null), "null"),
        ] {
            let response = response(&answer).unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(values(&response, "content-type"), ["application/json"]);
            assert_eq!(text(response).await, body);
        }
    }

    #[tokio::test]
    async fn a_streamed_answer_has_its_head_before_eight_nuls() {
        let answer =
            b"{\"statusCode\":202,\"headers\":{\"x-a\":\"1\",\"x-b\":[\"2\",\"3\"]},\"cookies\":[]}\0\0\0\0\0\0\0\0hi\0";
        let response = convert(&answer[..], true).unwrap();
        assert_eq!(response.status(), StatusCode::ACCEPTED);
        assert_eq!(values(&response, "x-a"), ["1"]);
        assert_eq!(values(&response, "x-b"), ["2", "3"]);
        assert_eq!(text(response).await, "hi\0");
        assert!(convert(&b"no head"[..], true).is_none());
    }

    #[test]
    fn what_is_no_http_response_is_refused() {
        for answer in [
            json!({"statusCode": 42}),
            json!({"statusCode": 100}),
            json!({"statusCode": "ok"}),
            json!({"statusCode": 200, "body": {"a": 1}}),
            json!({"statusCode": 200, "headers": {"a b": "c"}}),
            json!({"statusCode": 200, "headers": {"a": ["b", "c"]}}),
            json!({"statusCode": 200, "headers": {"a": "line\nbreak"}}),
            json!({"statusCode": 200, "body": "not base64", "isBase64Encoded": true}),
        ] {
            assert!(response(&answer).is_none(), "{answer}");
        }
        assert!(convert(&b""[..], false).is_none());
        assert!(convert(&b"not json"[..], false).is_none());
    }
}
