//! What clients send and get.

use std::{collections::BTreeMap, fmt};

use serde_json::{Map, Value, json};

use crate::Person;

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
    text: Option<String>,
    caller: Option<Person>,
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

impl From<processes::Answer> for Reply {
    fn from(answer: processes::Answer) -> Self {
        Self {
            status: answer.status,
            text: answer.text,
            replayed: answer.headers.contains_key("idempotent-replayed"),
        }
    }
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
            text: None,
            caller: None,
        }
    }

    /// By this person, with an access token of the moment it is sent.
    pub fn by(self, person: &Person) -> Self {
        Self {
            caller: Some(person.clone()),
            ..self
        }
    }

    /// With this access token, whoever it belongs to.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With an Idempotency-Key.
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// With a query string.
    pub fn query(self, query: &str) -> Self {
        let query = query.to_owned();
        Self { query, ..self }
    }

    /// With a JSON body.
    pub fn json(self, body: Value) -> Self {
        let request = self.header("content-type", "application/json");
        Self {
            body: Some(body),
            text: None,
            ..request
        }
    }

    /// With its body written like this.
    pub fn text(self, text: String) -> Self {
        Self {
            text: Some(text),
            ..self
        }
    }

    /// With a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), json!(value));
        self
    }

    /// Its body; null without one.
    pub fn body(&self) -> &Value {
        self.body.as_ref().unwrap_or(&Value::Null)
    }

    /// The value of one of its route's variables; empty if there is none of this name.
    pub fn parameter(&self, name: &str) -> &str {
        let value = self.parameters.get(name);
        value.and_then(Value::as_str).unwrap_or_default()
    }

    /// Its Idempotency-Key; empty if it has none.
    pub fn idempotency_key(&self) -> &str {
        let key = self.headers.get("idempotency-key");
        key.and_then(Value::as_str).unwrap_or_default()
    }

    /// Who makes it, if anybody known does.
    pub fn caller(&self) -> Option<&Person> {
        self.caller.as_ref()
    }

    /// The event that API Gateway makes of it.
    pub(crate) fn event(&self, id: &str, token: Option<&str>) -> String {
        let mut headers = self.headers.clone();
        if let Some(token) = token {
            headers.insert("authorization".to_owned(), json!(format!("Bearer {token}")));
        }
        json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": self.path,
            "rawQueryString": self.query,
            "headers": headers,
            "pathParameters": self.parameters,
            "requestContext": {
                "requestId": id,
                "stage": "$default",
                "http": {"method": self.method, "path": self.path, "sourceIp": "192.0.2.1"},
            },
            "body": self.text.clone().or(self.body.as_ref().map(Value::to_string)),
            "isBase64Encoded": false,
        })
        .to_string()
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        if let Some(key) = self.headers.get("idempotency-key").and_then(Value::as_str) {
            write!(f, " key {key}")?;
        }
        if let Some(body) = &self.body {
            write!(f, " {body}")?;
        }
        if let Some(person) = &self.caller {
            write!(f, " by {}", person.caller.id)?;
        }
        Ok(())
    }
}

impl Reply {
    /// What API Gateway answers for a function that died.
    pub(crate) fn of_the_gateway() -> Self {
        Self {
            status: 500,
            text: r#"{"message":"Internal Server Error"}"#.to_owned(),
            replayed: false,
        }
    }

    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// How many pieces of each product are in the order or cart that it shows.
    pub fn pieces(&self) -> BTreeMap<String, u64> {
        let body = self.json();
        let items = body["items"].as_array().into_iter().flatten();
        let line = |item: &Value| {
            let product = item["product_id"].as_str()?.to_owned();
            Some((product, item["quantity"].as_u64()?))
        };
        items.filter_map(line).collect()
    }

    /// The slug of the problem it is; empty if it is none.
    pub fn problem(&self) -> String {
        if self.is_success() {
            return String::new();
        }
        let body = self.json();
        let kind = body["type"].as_str().unwrap_or_default();
        kind.trim_start_matches("/problems/").to_owned()
    }

    /// Whether it is a success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether something went wrong on the shop's side, so that a client repeats the request as it was: contention, an
    /// unknown outcome, or a process that died.
    pub fn is_to_be_repeated(&self) -> bool {
        self.status == 503 || self.status == 500 && self.problem() != "internal-error"
    }
}
