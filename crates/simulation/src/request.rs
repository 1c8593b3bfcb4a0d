//! What clients send and get.

use serde_json::{Map, Value, json};

/// A request to an operation.
#[derive(Clone, Debug)]
pub struct Request {
    /// The operation.
    pub operation: &'static str,
    method: &'static str,
    path: String,
    parameters: Map<String, Value>,
    headers: Map<String, Value>,
    query: String,
    body: Option<Value>,
}

/// What a client learned.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body's bytes, as text.
    pub text: String,
    /// Whether it says that it was given before.
    pub replayed: bool,
}

impl Request {
    /// A request by this method to this path of an operation, whose route's variables have these values.
    pub fn new(
        operation: &'static str,
        method: &'static str,
        path: impl Into<String>,
        parameters: &[(&str, &str)],
    ) -> Self {
        let text = |text: &str| Value::String(text.to_owned());
        Self {
            operation,
            method,
            path: path.into(),
            parameters: parameters
                .iter()
                .map(|(name, value)| ((*name).to_owned(), text(value)))
                .collect(),
            headers: Map::new(),
            query: String::new(),
            body: None,
        }
    }

    /// With the access token of whoever makes it.
    pub fn by(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With an Idempotency-Key.
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// With a JSON body.
    pub fn json(self, body: Value) -> Self {
        let request = self.header("content-type", "application/json");
        Self {
            body: Some(body),
            ..request
        }
    }

    fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), json!(value));
        self
    }

    /// The event that API Gateway makes of it.
    pub(crate) fn event(&self, id: &str) -> String {
        json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": self.path,
            "rawQueryString": self.query,
            "headers": self.headers,
            "pathParameters": self.parameters,
            "requestContext": {
                "requestId": id,
                "stage": "$default",
                "http": {"method": self.method, "path": self.path, "sourceIp": "192.0.2.1"},
            },
            "body": self.body.as_ref().map(Value::to_string),
            "isBase64Encoded": false,
        })
        .to_string()
    }
}

impl Reply {
    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// The slug of the problem it is; empty if it is none.
    pub fn problem(&self) -> String {
        let body = self.json();
        let kind = body["type"].as_str().unwrap_or_default();
        kind.trim_start_matches("/problems/").to_owned()
    }

    /// Whether it says that something went wrong on the shop's side: the client may try again.
    pub fn is_retryable(&self) -> bool {
        self.status == 503
    }
}
