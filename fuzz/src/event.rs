//! What Lambda hands over becomes a request and gets an answer, with nothing lost and nothing added.

use std::net::IpAddr;

use data_encoding::BASE64;
use edge::{Problem, Query, Request, Response, Slug, event};
use form_urlencoded::parse;
use futures_util::FutureExt;
use lambda_http::http::{HeaderName, HeaderValue, Method};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::gateway::{INVOCATION, context, with_body};

/// What a fuzzer hardly finds by itself.
pub const WORDS: &[&str] = &[
    r#"{"requestContext":{"http":{"method":"GET"}}}"#,
    r#""rawPath":"#,
    r#""rawQueryString":"#,
    r#""headers":"#,
    r#""pathParameters":"#,
    r#""requestContext":"#,
    r#""requestId":"#,
    r#""http":"#,
    r#""method":"#,
    r#""sourceIp":"#,
    r#""body":"#,
    r#""isBase64Encoded":true"#,
    r#""content-type":"application/json""#,
    r#""idempotency-key":"#,
    "limit=",
    "cursor=",
    r#","a""#,
    r#","a":"b""#,
    r#","a":["b","c"]"#,
    r#","a":{}"#,
    ",null",
    ",-1",
    ",1e9",
    ",true",
    "\\u0000",
    "\\ud83d\\ude00",
    "%FF",
];

/// An event, or anything else; the same once more as a body.
pub fn event(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let (id, request) = event::read(&text, context());
    let request = request.map(Request::new);
    assert!(is_id(&id), "{id:?}");
    answered(&text, &id, request.as_ref());
    with_json(&with_body(&text), &text);
    if let Some(event) = comparable(&text).filter(is_request) {
        let read = event::read(&event.to_string(), context());
        assert!(read.1.is_ok(), "{event} is refused");
    }
    let request = match request {
        Ok(request) => request,
        Err(problem) => {
            assert_eq!(problem.slug(), Slug::InvalidBody);
            return false;
        }
    };
    if let Some(event) = comparable(&text) {
        identified(&event, &id);
        addressed(&event, &request);
        carried(&event, &request);
    }
    if let Ok(limit) = Query::of(&request).limit() {
        assert!((1..=100).contains(&limit));
    }
    if let Ok(key) = edge::idempotency_key(&request) {
        assert!(key.as_str().bytes().all(|b| b.is_ascii_graphic()));
    }
    true
}

/// The event as JSON. Nothing if it is not what API Gateway may send: serde skips over numbers and texts that can't be
/// values, and takes the list of a struct's values for the struct.
fn comparable(text: &str) -> Option<Value> {
    let event: Value = serde_json::from_str(text).ok()?;
    let objects = ["", "/requestContext", "/requestContext/http"];
    let shaped = |pointer| event.pointer(pointer).is_some_and(Value::is_object);
    objects.into_iter().all(shaped).then_some(event)
}

/// Whether each member that is read is of its type, and the method one. Whatever else is in them, that is a request.
fn is_request(event: &Value) -> bool {
    let is = |pointer, fits: fn(&Value) -> bool| {
        let value = event.pointer(pointer);
        value.is_none_or(|value| value.is_null() || fits(value))
    };
    let of_texts = |value: &Value| {
        let parts = value.as_object();
        parts.is_some_and(|parts| parts.values().all(Value::is_string))
    };
    Method::from_bytes(text(event, "/requestContext/http/method").as_bytes()).is_ok()
        && is("/requestContext/http/sourceIp", Value::is_string)
        && is("/requestContext/requestId", Value::is_string)
        && is("/rawPath", Value::is_string)
        && is("/rawQueryString", Value::is_string)
        && is("/headers", Value::is_object)
        && is("/pathParameters", of_texts)
        && is("/body", Value::is_string)
        && is("/isBase64Encoded", Value::is_boolean)
}

fn is_id(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic())
}

/// A text of the event; one that is missing or null is empty.
fn text<'e>(event: &'e Value, pointer: &str) -> &'e str {
    event
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The id is the gateway's, if that can be one.
fn identified(event: &Value, id: &str) {
    let theirs = text(event, "/requestContext/requestId");
    assert_eq!(id, if is_id(theirs) { theirs } else { INVOCATION });
}

/// Method, path, query, parts of the path and source are those of the event.
fn addressed(event: &Value, request: &Request<Value>) {
    assert_eq!(
        request.method().as_str(),
        text(event, "/requestContext/http/method")
    );

    let (raw, path) = (text(event, "/rawPath"), request.uri().path());
    assert!(path.starts_with('/') && path.bytes().all(|b| b.is_ascii_graphic()));
    let slash = if raw.starts_with('/') { "" } else { "/" };
    let raw = format!("{slash}{raw}");
    assert!(percent_decode_str(path).eq(percent_decode_str(&raw)));

    let raw = text(event, "/rawQueryString").as_bytes();
    let query = request.uri().query().unwrap_or_default().as_bytes();
    assert!(query.iter().all(u8::is_ascii_graphic));
    assert!(parse(query).eq(parse(raw)));

    let parts = event.get("pathParameters").and_then(Value::as_object);
    for (name, part) in parts.into_iter().flatten() {
        assert_eq!(edge::path_id(request, name), part.as_str().unwrap_or(""));
    }
    let source = text(event, "/requestContext/http/sourceIp").parse::<IpAddr>();
    assert_eq!(edge::source_ip(request), source.ok());
}

/// Headers and body are those of the event, and there are no others.
fn carried(event: &Value, request: &Request<Value>) {
    let mut count = 0;
    let given = event.get("headers").and_then(Value::as_object);
    for (name, value) in given.into_iter().flatten() {
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else {
            continue;
        };
        let values = match value {
            Value::String(_) => std::slice::from_ref(value),
            Value::Array(several) => several.as_slice(),
            _ => continue,
        };
        for value in values {
            let text = value.as_str().unwrap_or("\0");
            // One that can't be a value is there all the same, and is none that any rule allows.
            let value = HeaderValue::from_bytes(text.as_bytes());
            let value = value.unwrap_or(HeaderValue::from_static("\t"));
            assert!(request.headers().get_all(&name).iter().any(|v| v == value));
            count += 1;
        }
    }
    assert_eq!(request.headers().len(), count);

    let body = text(event, "/body").as_bytes();
    let encoded = event.get("isBase64Encoded") == Some(&Value::Bool(true));
    let decoded = BASE64.decode(body).unwrap_or_default();
    let sent = if encoded { decoded.as_slice() } else { body };
    assert_eq!(request.body().as_ref(), sent);
}

/// A body is taken exactly if it is JSON of at most 64 KiB, and means what it says.
fn with_json(request: &Request<Value>, text: &str) {
    let expected = serde_json::from_str::<Value>(text).ok();
    let expected = expected.filter(|_| text.len() <= 64 * 1024);
    assert_eq!(edge::body(request).ok(), expected);
}

/// Answers the method, the path, the query and the body it is sent.
async fn echo(_: &(), request: Request<Value>) -> Result<Response<Value>, Problem> {
    let query = Query::of(&request);
    let text = query.text("query")?;
    edge::ok(&json!([
        request.method().as_str(),
        request.uri().path(),
        text,
        query.limit()?,
        edge::body(&request)?,
    ]))
}

/// The answer to it is one that API Gateway takes, and that says of itself what it is.
fn answered(event: &str, id: &str, request: Result<&Request<Value>, &Problem>) {
    let answer = edge::answer(&(), &echo, event, context(), None);
    let answer = answer.now_or_never().expect("nothing here waits");
    let answer = serde_json::to_value(answer).expect("an answer is written as JSON");
    let status = answer["statusCode"].as_u64().unwrap_or_default();
    assert_eq!(answer["headers"]["x-request-id"], id);
    assert_eq!(answer["headers"]["cache-control"], "no-store");
    assert_eq!(answer["isBase64Encoded"], false);
    let text = answer["body"]
        .as_str()
        .expect("every answer here has a body");
    let body: Value = serde_json::from_str(text).expect("of JSON");
    let kind = &answer["headers"]["content-type"];
    if status == 200 {
        let request = request.expect("only a request is answered with success");
        assert_eq!(kind, "application/json");
        assert_eq!(body[0], request.method().as_str());
        assert_eq!(body[1], request.uri().path());
        let sent = edge::body(request).expect("its body was read");
        assert!(text.ends_with(&format!(",{sent}]")), "{text}");
    } else {
        assert!((400..500).contains(&status), "{answer}");
        assert_eq!(kind, "application/problem+json");
        assert_eq!(body["status"], status);
        assert_eq!(body["instance"], id);
    }
}
