//! The body of a request: JSON, and not too much of it.

mod strict;

use lambda_http::http::header;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::{HttpRequest, Problem, Request, Slug, event::UndecodableBody};
use strict::Strict;

/// The most bytes a body may have.
const MAX_BYTES: usize = 64 * 1024;

/// The most characters that tell what is wrong with a body.
const MAX_DETAIL: usize = 200;

/// The request's body, whose type says by `deny_unknown_fields` that it takes no unknown members.
///
/// 415 `unsupported-media-type` · 413 `body-too-large` · 400 `invalid-body`
pub fn body<B: DeserializeOwned>(request: &Request<B>) -> Result<B, Problem> {
    if !is_json(request) {
        return Err(Problem::new(Slug::UnsupportedMediaType));
    }
    if request.extensions().get::<UndecodableBody>().is_some() {
        return Err(invalid("The body is not valid base64.".into()));
    }
    let bytes: &[u8] = request.body().as_ref();
    if bytes.len() > MAX_BYTES {
        return Err(Problem::new(Slug::BodyTooLarge));
    }
    if bytes.is_empty() {
        return Err(invalid(
            "The request has no body; this operation takes one.".into(),
        ));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| invalid("The body is not UTF-8.".into()))?;
    let mut json = serde_json::Deserializer::from_str(text);
    B::deserialize(Strict(&mut json))
        .and_then(|body| json.end().map(|()| body))
        .map_err(|error| invalid(describe(&error)))
}

fn is_json(request: &HttpRequest) -> bool {
    let mut values = request.headers().get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return false;
    };
    let text = value.to_str().unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

fn invalid(detail: String) -> Problem {
    Problem::new(Slug::InvalidBody).detail(detail)
}

/// What is wrong and where. Serde's messages quote what was sent, which may be a password; this never does.
fn describe(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let what = match error.classify() {
        // These are fixed texts of the JSON parser, with the position in them.
        Category::Syntax | Category::Eof => return format!("The body is not JSON: {message}."),
        Category::Io => "it could not be read".to_owned(),
        Category::Data => without_values(&message),
    };
    let mut detail = format!("The body is not what this operation takes: {what}");
    if let Some((end, _)) = detail.char_indices().nth(MAX_DETAIL) {
        detail.truncate(end);
        detail.push('…');
    }
    if error.line() > 0 {
        detail.push_str(&format!(
            " (line {}, column {})",
            error.line(),
            error.column()
        ));
    }
    detail.push('.');
    detail
}

/// A message of serde's derived code without the parts that were sent.
fn without_values(message: &str) -> String {
    let message = match message.rsplit_once(" at line ") {
        Some((message, _)) => message,
        None => message,
    };
    // Names in these come from our own types.
    if message.starts_with("missing field `") || message.starts_with("duplicate field `") {
        return message.replacen("field", "member", 1);
    }
    const KINDS: [(&str, &str); 5] = [
        ("invalid type: ", "a value of the wrong type"),
        ("invalid value: ", "a value that is not allowed"),
        ("invalid length ", "a list of the wrong length"),
        ("unknown field `", "an unknown member"),
        ("unknown variant `", "an unknown value"),
    ];
    let known = KINDS.iter().find(|(prefix, _)| message.starts_with(prefix));
    let Some((_, kind)) = known else {
        return "a value that is not allowed".to_owned();
    };
    // What was sent stands before the last ", expected ", what we expect after it.
    match message.rsplit_once(", expected ") {
        Some((_, expected)) => format!("{kind}, expected {}", in_words(expected)),
        None => (*kind).to_owned(),
    }
}

/// What serde expects, for a reader who knows JSON and not Rust.
fn in_words(expected: &str) -> &str {
    match expected {
        "i64" | "u64" | "i32" | "u32" => "a whole number",
        // The name of a type of ours means nothing to a client.
        _ if expected.starts_with("struct ") => "an object",
        _ if expected.starts_with("enum ") => "one of the words that the document lists",
        _ => expected,
    }
}

#[cfg(test)]
mod tests;
