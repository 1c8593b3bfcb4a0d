//! A request, and the answer to it.

use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::{Method, header::HeaderMap};
use serde_json::Value;

use super::contract::{self, Sent};

/// A request that is being made up.
#[must_use]
pub struct Call {
    request: reqwest::RequestBuilder,
}

/// The answer to a request.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body's bytes, as text.
    pub text: String,
}

impl Call {
    pub fn new(client: &reqwest::Client, method: Method, url: String) -> Self {
        Self {
            request: client.request(method, url),
        }
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub fn header(self, name: &str, value: &str) -> Self {
        Self {
            request: self.request.header(name, value),
        }
    }

    /// A header whose value is not text.
    pub fn header_bytes(self, name: &str, value: &[u8]) -> Self {
        Self {
            request: self.request.header(name, value),
        }
    }

    /// A JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// A body as it is.
    pub fn body(self, content_type: &str, body: impl Into<reqwest::Body>) -> Self {
        Self {
            request: self.request.header("content-type", content_type).body(body),
        }
    }

    pub async fn send(self) -> Answer {
        let answer = self.try_send().await;
        answer.expect("the local gateway always answers")
    }

    /// The answer, if anybody is there to give one. It is held against the OpenAPI document.
    pub async fn try_send(self) -> Option<Answer> {
        let (client, request) = self.request.build_split();
        let request = request.ok()?;
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let body = request.body().and_then(|body| body.as_bytes());
        let body = body.unwrap_or_default().to_vec();
        let answer = Answer::of(client.execute(request).await.ok()?).await?;
        let sent = Sent {
            method: method.as_str(),
            path: &path,
            body: &body,
        };
        contract::hold(&sent, &answer);
        Some(answer)
    }

    /// The same of what may be another gateway's own answer.
    pub async fn try_unheld(self) -> Option<Answer> {
        Answer::of(self.request.send().await.ok()?).await
    }
}

impl Answer {
    async fn of(answer: reqwest::Response) -> Option<Self> {
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.ok()?;
        Some(Self {
            status,
            headers,
            text,
        })
    }

    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The body of an answer with this status, which it must have.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    /// The problem this answer must be, complete as every problem is.
    #[track_caller]
    pub fn problem(&self, status: u16, slug: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(body["type"], format!("/problems/{slug}"), "{}", self.text);
        assert_eq!(body["status"], status);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(body["instance"], self.header("x-request-id"));
        assert_eq!(self.header("cache-control"), "no-store");
        assert!(
            body["title"].is_string() && body["detail"].is_string(),
            "{}",
            self.text
        );
        body
    }

    /// A header's value; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub fn is_replayed(&self) -> bool {
        self.header("idempotent-replayed") == "true"
    }
}

impl Answer {
    /// An answer as a function gives it to the gateway.
    #[track_caller]
    pub fn of_function(answer: &Value) -> Self {
        let mut headers = HeaderMap::new();
        for (name, value) in answer["headers"].as_object().into_iter().flatten() {
            let name: reqwest::header::HeaderName = name.parse().unwrap();
            headers.insert(name, value.as_str().unwrap().parse().unwrap());
        }
        Self {
            status: answer["statusCode"].as_u64().unwrap() as u16,
            headers,
            text: answer["body"].as_str().unwrap_or_default().to_owned(),
        }
    }

    /// The body of a problem without what differs from request to request.
    pub fn without_instance(&self) -> Value {
        let mut body = self.json();
        body.as_object_mut().map(|body| body.remove("instance"));
        body
    }
}

/// An Idempotency-Key nobody used before.
pub fn key() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("key-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
