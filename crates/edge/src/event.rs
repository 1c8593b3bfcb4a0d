//! API Gateway's event (an HTTP API's, payload format 2.0) becomes a request.
//!
//! `lambda_http` converts it too, but unwraps what clients decide: a `Host` that is no host, an `X-Forwarded-Proto`
//! list, a space in the query or a header that isn't ASCII would end in a panic or in a refused event. Here nothing is
//! unwrapped, `Host` and `X-Forwarded-*` have no say, and what can't be a request is answered with a 400.

use std::{collections::HashMap, net::IpAddr};

use data_encoding::BASE64;
use lambda_http::{
    Body, Context, RequestExt,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, uri::PathAndQuery},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{HttpRequest, Problem, Slug, request::SourceIp};

/// Marks a request whose body claims to be base64 and isn't; a problem only for an operation that reads it.
#[derive(Clone, Copy)]
pub(crate) struct UndecodableBody;

/// What is read of the event. Everything else in it is ignored.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HttpEvent {
    raw_path: Option<String>,
    raw_query_string: Option<String>,
    headers: Option<Map<String, Value>>,
    path_parameters: Option<HashMap<String, String>>,
    request_context: RequestContext,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    request_id: Option<String>,
    http: Http,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    method: String,
    source_ip: Option<String>,
}

/// The id of the request that `event` is, and the request, if it is one.
pub fn read(event: &str, context: Context) -> (String, Result<HttpRequest, Problem>) {
    let event: Option<HttpEvent> = serde_json::from_str(event).ok();
    let id = event
        .as_ref()
        .and_then(|event| event.request_context.request_id.as_deref())
        .filter(|id| (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic()))
        .unwrap_or(&context.request_id)
        .to_owned();
    let request = event
        .and_then(|event| request(event, context))
        .ok_or_else(not_a_request);
    (id, request)
}

fn not_a_request() -> Problem {
    Problem::new(Slug::InvalidBody)
        .detail("This is not a request of an HTTP API (payload format 2.0).")
}

fn request(event: HttpEvent, context: Context) -> Option<HttpRequest> {
    let http = event.request_context.http;
    let path = event.raw_path.unwrap_or_default();
    let query = event.raw_query_string.unwrap_or_default();

    let mut request = HttpRequest::new(Body::Empty)
        .with_lambda_context(context)
        .with_path_parameters(event.path_parameters.unwrap_or_default());
    *request.method_mut() = Method::from_bytes(http.method.as_bytes()).ok()?;
    *request.uri_mut() = uri(&path, &query)?;
    *request.headers_mut() = headers(event.headers.unwrap_or_default())?;
    if let Some(ip) = http.source_ip.and_then(|text| text.parse::<IpAddr>().ok()) {
        request.extensions_mut().insert(SourceIp(ip));
    }
    let body = event.body.unwrap_or_default();
    if event.is_base64_encoded != Some(true) {
        *request.body_mut() = Body::Text(body);
    } else if let Ok(bytes) = BASE64.decode(body.as_bytes()) {
        *request.body_mut() = Body::Binary(bytes);
    } else {
        request.extensions_mut().insert(UndecodableBody);
    }
    Some(request)
}

/// Path and query, with everything percent-encoded that may not stand there.
fn uri(path: &str, query: &str) -> Option<Uri> {
    let slash = if path.starts_with('/') { "" } else { "/" };
    let path = encoded(path, b"?#");
    let question = if query.is_empty() { "" } else { "?" };
    let query = encoded(query, b"#");
    let text = format!("{slash}{path}{question}{query}");
    PathAndQuery::try_from(text).ok().map(Uri::from)
}

fn encoded(text: &str, also: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && !br#""<>\^`{|}"#.contains(&byte) && !also.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// The headers. One that can't be a header is never taken for a missing one, nor for another value.
fn headers(given: Map<String, Value>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else {
            continue;
        };
        let values = match value {
            Value::String(one) => vec![one],
            Value::Array(several) => several.into_iter().map(text_of).collect(),
            _ => continue,
        };
        for value in values {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap_or(UNREADABLE);
            // Fails, where `append` panics, if there are tens of thousands.
            headers.try_append(name.clone(), value).ok()?;
        }
    }
    Some(headers)
}

/// Stands for a value with control characters: a byte that no rule for a header's value of ours allows.
#[allow(clippy::declare_interior_mutable_const)] // Copied once where it is used.
const UNREADABLE: HeaderValue = HeaderValue::from_static("\t");

fn text_of(value: Value) -> String {
    match value {
        Value::String(text) => text,
        _ => "\u{0}".to_owned(),
    }
}

#[cfg(test)]
mod tests;
