//! What an operation answers when it refuses: RFC 9457 problem details. The one place that knows status codes.

mod failures;
mod refusals;
mod slug;

use std::{borrow::Cow, fmt};

use lambda_http::http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value};

pub use slug::Slug;

use crate::{BoxError, HttpResponse, response};

/// A refusal, by its slug. Operations return it by `?`.
#[derive(Debug)]
pub struct Problem(Box<Parts>);

#[derive(Debug)]
struct Parts {
    slug: Slug,
    detail: Cow<'static, str>,
    members: Map<String, Value>,
    retry_after: Option<u32>,
    source: Option<BoxError>,
}

/// An error's text as a sentence.
fn sentence(error: &impl fmt::Display) -> String {
    let text = error.to_string();
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), characters.as_str())
}

impl Problem {
    /// The problem `slug` with its usual detail.
    pub fn new(slug: Slug) -> Self {
        Self(Box::new(Parts {
            slug,
            detail: Cow::Borrowed(slug.detail()),
            members: Map::new(),
            retry_after: slug.retry_after(),
            source: None,
        }))
    }

    /// An error that is nobody's fault but ours.
    pub fn internal(cause: impl Into<BoxError>) -> Self {
        Self::new(Slug::InternalError).caused_by(cause)
    }

    /// With a sentence of its own. That of a 5xx stays as it is: its cause is for the log.
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        if !self.0.slug.status().is_server_error() {
            self.0.detail = detail.into();
        }
        self
    }

    /// With a further member. The standard ones can't be replaced, and a value that isn't JSON is left out.
    pub fn member(mut self, name: &str, value: impl Serialize) -> Self {
        const STANDARD: [&str; 5] = ["type", "title", "status", "detail", "instance"];
        if let Ok(value) = serde_json::to_value(value)
            && !STANDARD.contains(&name)
        {
            self.0.members.insert(name.to_owned(), value);
        }
        self
    }

    /// With another `Retry-After` than the usual one, in seconds.
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// With the error it comes from, which clients never see. That of a 5xx is logged.
    pub fn caused_by(mut self, cause: impl Into<BoxError>) -> Self {
        self.0.source = Some(cause.into());
        self
    }

    /// What went wrong.
    pub fn slug(&self) -> Slug {
        self.0.slug
    }

    /// The answer to a client.
    pub(crate) fn into_response(self, request_id: &str) -> HttpResponse {
        let Parts {
            slug,
            detail,
            members,
            retry_after,
            ..
        } = *self.0;
        let document = Document {
            kind: format!("/problems/{}", slug.as_str()),
            title: slug.title(),
            status: slug.status().as_u16(),
            detail: &detail,
            instance: request_id,
            members,
        };
        // Texts, a number and JSON values always serialize.
        let body = serde_json::to_string(&document).unwrap_or_default();
        let mut answer = response::of(slug.status(), "application/problem+json", body);
        let headers = answer.headers_mut();
        // RFC 9110 asks for it on every 401.
        if slug.status() == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer
    }
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    instance: &'a str,
    #[serde(flatten)]
    members: Map<String, Value>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.slug.as_str(), self.0.detail)
    }
}

impl std::error::Error for Problem {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let source = self.0.source.as_deref()?;
        Some(source)
    }
}

#[cfg(test)]
mod tests;
