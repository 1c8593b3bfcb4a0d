//! What an operation answers.

use lambda_http::{
    Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
};
use serde::Serialize;
use store::Answer;

use crate::{Problem, Response};

const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// 200 with `body` as JSON.
pub fn ok(body: &impl Serialize) -> Result<Response, Problem> {
    json(StatusCode::OK, body)
}

/// 201 with `body` as JSON.
pub fn created(body: &impl Serialize) -> Result<Response, Problem> {
    json(StatusCode::CREATED, body)
}

/// 202: it is going to be done.
pub fn accepted() -> Response {
    let mut answer = no_content();
    *answer.status_mut() = StatusCode::ACCEPTED;
    answer
}

/// 204.
pub fn no_content() -> Response {
    let mut answer = Response::new(Body::Empty);
    *answer.status_mut() = StatusCode::NO_CONTENT;
    answer
}

/// An answer the store remembers, marked when it was given before.
pub fn answered(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let response = of(status, "application/json", answer.body);
    if answer.replayed {
        response.replayed()
    } else {
        response
    }
}

/// Whether it is the answer to an earlier request.
pub(crate) fn is_replayed(answer: &Response) -> bool {
    answer.headers().contains_key(REPLAYED)
}

/// What can be added to an answer.
pub trait ResponseExt {
    /// With `Location`: the path of what was created.
    fn location(self, path: &str) -> Self;

    /// With `Idempotent-Replayed: true`: the answer to an earlier request with the same key.
    fn replayed(self) -> Self;

    /// With leave for everybody's caches to keep it that many seconds, for requests with the same session or none.
    /// Without it nobody may keep it.
    fn public_for(self, seconds: u32) -> Self;
}

impl ResponseExt for Response {
    fn location(mut self, path: &str) -> Self {
        // Our paths are made of ids, which are always fit for a header.
        if let Ok(value) = HeaderValue::from_str(path) {
            self.headers_mut().insert(header::LOCATION, value);
        }
        self
    }

    fn replayed(mut self) -> Self {
        self.headers_mut()
            .insert(REPLAYED, HeaderValue::from_static("true"));
        self
    }

    fn public_for(mut self, seconds: u32) -> Self {
        if let Ok(value) = HeaderValue::from_str(&format!("public, max-age={seconds}")) {
            let headers = self.headers_mut();
            headers.insert(header::CACHE_CONTROL, value);
            headers.insert(header::VARY, HeaderValue::from_static("authorization"));
        }
        self
    }
}

fn json(status: StatusCode, body: &impl Serialize) -> Result<Response, Problem> {
    let body = serde_json::to_string(body).map_err(Problem::internal)?;
    Ok(of(status, "application/json", body))
}

/// An answer with this body.
pub(crate) fn of(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

/// Adds what every answer carries.
pub(crate) fn dress(answer: &mut Response, request_id: &str) {
    let refused = answer.status().as_u16() >= 400;
    let headers = answer.headers_mut();
    if refused || !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-request-id", id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Slug, testing::text};

    #[test]
    fn a_remembered_answer_is_sent_again_as_it_is() {
        let body = r#"{ "b":1,"a" : 2 }"#;
        let answer = answered(Answer {
            status: 201,
            body: body.into(),
            replayed: true,
        });
        assert_eq!(answer.status(), StatusCode::CREATED);
        assert_eq!(text(&answer), body);
        assert_eq!(answer.headers()["idempotent-replayed"], "true");
        assert!(is_replayed(&answer) && !is_replayed(&no_content()));
        assert_eq!(answer.headers()["content-type"], "application/json");
    }

    #[test]
    fn nobody_keeps_an_answer_unless_it_says_so() {
        let mut private = ok(&1).unwrap();
        dress(&mut private, "req-1");
        assert_eq!(private.headers()["cache-control"], "no-store");
        assert_eq!(private.headers()["x-request-id"], "req-1");
        assert_eq!(private.headers()["x-content-type-options"], "nosniff");

        let mut public = ok(&1).unwrap().public_for(5);
        dress(&mut public, "req-1");
        assert_eq!(public.headers()["cache-control"], "public, max-age=5");
        assert_eq!(public.headers()["vary"], "authorization");

        let refusal = Problem::new(Slug::ProductNotFound).into_response("req-1");
        let mut refusal = refusal.public_for(5);
        dress(&mut refusal, "req-1");
        assert_eq!(refusal.headers()["cache-control"], "no-store");
    }

    #[test]
    fn what_was_created_says_where_it_is() {
        let answer = created(&"x").unwrap().location("/orders/ord_1");
        assert_eq!(answer.headers()["location"], "/orders/ord_1");
        assert_eq!(no_content().status(), StatusCode::NO_CONTENT);
    }
}
