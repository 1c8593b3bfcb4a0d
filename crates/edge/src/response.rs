//! What an operation answers.

use std::{marker::PhantomData, ops::Deref};

use lambda_http::{
    Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
};
use serde::Serialize;
use store::Answer;

use crate::{HttpResponse, Problem};

const JSON: &str = "application/json";
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// What an operation answers when it succeeds: a `T` in JSON, or nothing.
///
/// The type is what the OpenAPI document knows the body by.
pub struct Response<T = ()> {
    http: HttpResponse,
    body: PhantomData<fn() -> T>,
}

/// 200 with `body` as JSON.
pub fn ok<T: Serialize>(body: &T) -> Result<Response<T>, Problem> {
    json(StatusCode::OK, body)
}

/// 200 with JSON that is text already.
pub fn ok_json<T>(body: &'static str) -> Response<T> {
    Response::new(of(StatusCode::OK, JSON, body))
}

/// 201 with `body` as JSON.
pub fn created<T: Serialize>(body: &T) -> Result<Response<T>, Problem> {
    json(StatusCode::CREATED, body)
}

/// 202: it is going to be done.
pub fn accepted() -> Response {
    empty(StatusCode::ACCEPTED)
}

/// 204.
pub fn no_content() -> Response {
    empty(StatusCode::NO_CONTENT)
}

/// An answer the store remembers, marked when it was given before. It is a `T` in JSON, since that was answered first.
pub fn answered<T>(answer: Answer) -> Response<T> {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let response = Response::new(of(status, JSON, answer.body));
    if answer.replayed {
        response.replayed()
    } else {
        response
    }
}

/// Whether it is the answer to an earlier request.
pub(crate) fn is_replayed(answer: &HttpResponse) -> bool {
    answer.headers().contains_key(REPLAYED)
}

impl<T> Response<T> {
    /// The answer, whose body is a `T`: nothing checks it.
    pub(crate) fn new(http: HttpResponse) -> Self {
        let body = PhantomData;
        Self { http, body }
    }

    /// With `Location`: the path of what was created.
    pub fn location(mut self, path: &str) -> Self {
        // Our paths are made of ids, which are always fit for a header.
        if let Ok(value) = HeaderValue::from_str(path) {
            self.http.headers_mut().insert(header::LOCATION, value);
        }
        self
    }

    /// With `Idempotent-Replayed: true`: the answer to an earlier request with the same key.
    pub(crate) fn replayed(mut self) -> Self {
        self.http
            .headers_mut()
            .insert(REPLAYED, HeaderValue::from_static("true"));
        self
    }

    /// With leave for everybody's caches to keep it that many seconds, for requests with the same session or none.
    /// Without it nobody may keep it.
    pub fn public_for(mut self, seconds: u32) -> Self {
        if let Ok(value) = HeaderValue::from_str(&format!("public, max-age={seconds}")) {
            let headers = self.http.headers_mut();
            headers.insert(header::CACHE_CONTROL, value);
            headers.insert(header::VARY, HeaderValue::from_static("authorization"));
        }
        self
    }
}

impl<T> From<Response<T>> for HttpResponse {
    fn from(response: Response<T>) -> Self {
        response.http
    }
}

impl<T> Deref for Response<T> {
    type Target = HttpResponse;

    fn deref(&self) -> &HttpResponse {
        &self.http
    }
}

fn json<T: Serialize>(status: StatusCode, body: &T) -> Result<Response<T>, Problem> {
    let body = serde_json::to_string(body).map_err(Problem::internal)?;
    Ok(Response::new(of(status, JSON, body)))
}

fn empty(status: StatusCode) -> Response {
    let mut answer = HttpResponse::new(Body::Empty);
    *answer.status_mut() = status;
    Response::new(answer)
}

/// An answer with this body.
pub(crate) fn of(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> HttpResponse {
    let mut answer = HttpResponse::new(body.into());
    *answer.status_mut() = status;
    answer
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

/// Adds what every answer carries.
pub(crate) fn dress(answer: &mut HttpResponse, request_id: &str) {
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
        let answer = answered::<()>(Answer {
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
        let mut private = HttpResponse::from(ok(&1).unwrap());
        dress(&mut private, "req-1");
        assert_eq!(private.headers()["cache-control"], "no-store");
        assert_eq!(private.headers()["x-request-id"], "req-1");
        assert_eq!(private.headers()["x-content-type-options"], "nosniff");

        let mut public = HttpResponse::from(ok(&1).unwrap().public_for(5));
        dress(&mut public, "req-1");
        assert_eq!(public.headers()["cache-control"], "public, max-age=5");
        assert_eq!(public.headers()["vary"], "authorization");

        let refusal = Problem::new(Slug::ProductNotFound).into_response("req-1");
        let mut refusal = HttpResponse::from(Response::<()>::new(refusal).public_for(5));
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
