//! Requests as clients send them, and their answers.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::error::CostError;

/// Headers that a browser or an app sends with every request.
const OF_CLIENTS: [(&str, &str); 4] = [
    ("host", "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"),
    ("accept", "application/json"),
    ("accept-encoding", "gzip, deflate, br"),
    (
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    ),
];

/// Headers that API Gateway puts into an answer: the date, the length, the connection and its own id of the request.
const OF_GATEWAY: &str = "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: 1234\r\nConnection: keep-alive\r\nApigw-Requestid: JKJaXmPLvHcESHA=\r\n";

/// A request to an operation.
#[derive(Clone, Debug)]
pub struct Request {
    /// The operation.
    pub operation: &'static str,
    method: &'static str,
    path: String,
    query: String,
    parameters: Map<String, Value>,
    headers: BTreeMap<&'static str, String>,
    body: Option<String>,
    address: String,
}

/// What a client got.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body.
    pub text: String,
    /// The bytes of the answer's headers and body, as HTTP/1.1 has them.
    pub bytes: u64,
}

impl Request {
    /// A request by this method to this path of an operation.
    pub fn new(operation: &'static str, method: &'static str, path: impl Into<String>) -> Self {
        let headers = OF_CLIENTS.map(|(name, value)| (name, value.to_owned()));
        Self {
            operation,
            method,
            path: path.into(),
            query: String::new(),
            parameters: Map::new(),
            headers: headers.into(),
            body: None,
            address: "192.0.2.1".to_owned(),
        }
    }

    /// With this query.
    pub fn query(self, query: impl Into<String>) -> Self {
        let query = query.into();
        Self { query, ..self }
    }

    /// Where the route has this variable, with this value of it.
    pub fn parameter(mut self, name: &str, value: &str) -> Self {
        self.parameters.insert(name.to_owned(), json!(value));
        self
    }

    /// Sent from this address.
    pub fn at(self, address: &str) -> Self {
        let address = address.to_owned();
        Self { address, ..self }
    }

    /// By whoever has this access token.
    pub fn by(mut self, token: &str) -> Self {
        self.headers
            .insert("authorization", format!("Bearer {token}"));
        self
    }

    /// With this Idempotency-Key.
    pub fn key(mut self, key: &str) -> Self {
        self.headers.insert("idempotency-key", key.to_owned());
        self
    }

    /// With this body.
    pub fn json(mut self, body: &Value) -> Self {
        let body = body.to_string();
        let length = body.len().to_string();
        self.headers
            .insert("content-type", "application/json".to_owned());
        self.headers.insert("content-length", length);
        self.body = Some(body);
        self
    }

    /// Whether it may change something.
    pub fn may_write(&self) -> bool {
        self.method != "GET"
    }

    /// Its bytes, as HTTP/1.1 has them.
    pub fn bytes(&self) -> u64 {
        let question = usize::from(!self.query.is_empty());
        let target = self.path.len() + question + self.query.len();
        let first = self.method.len() + " ".len() + target + " HTTP/1.1\r\n".len();
        let headers = self.headers.iter();
        let headers: usize = headers
            .map(|(name, value)| header(name.len(), value.len()))
            .sum();
        let body = self.body.as_ref().map_or(0, String::len);
        as_u64(first + headers + "\r\n".len() + body)
    }

    /// The event that API Gateway makes of it.
    pub fn event(&self, id: &str, route: &str) -> String {
        let mut headers = Map::new();
        for (name, value) in &self.headers {
            headers.insert((*name).to_owned(), json!(value));
        }
        headers.insert(
            "x-amzn-trace-id".to_owned(),
            json!("Root=1-00000000-000000000000000000000000"),
        );
        headers.insert("x-forwarded-for".to_owned(), json!(self.address));
        headers.insert("x-forwarded-port".to_owned(), json!("443"));
        headers.insert("x-forwarded-proto".to_owned(), json!("https"));
        json!({
            "version": "2.0",
            "routeKey": route,
            "rawPath": self.path,
            "rawQueryString": self.query,
            "headers": headers,
            "pathParameters": self.parameters,
            "requestContext": {
                "accountId": "000000000000",
                "apiId": "a1b2c3d4e5",
                "domainName": "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com",
                "domainPrefix": "a1b2c3d4e5",
                "http": {
                    "method": self.method,
                    "path": self.path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": self.address,
                    "userAgent": self.headers.get("user-agent"),
                },
                "requestId": id,
                "routeKey": route,
                "stage": "$default",
                "time": "01/Jan/2026:00:00:00 +0000",
                "timeEpoch": 1_767_225_600_000_i64,
            },
            "body": self.body,
            "isBase64Encoded": false,
        })
        .to_string()
    }
}

impl From<processes::Answer> for Reply {
    fn from(answer: processes::Answer) -> Self {
        let headers = answer.headers.iter();
        let lengths = headers.map(|(name, value)| (name.as_str().len(), value.len()));
        Self::new(answer.status, answer.text, lengths)
    }
}

impl Reply {
    /// An answer with headers of these names' and values' lengths.
    pub fn new(status: u16, text: String, headers: impl Iterator<Item = (usize, usize)>) -> Self {
        let own: usize = headers.map(|(name, value)| header(name, value)).sum();
        let first = "HTTP/1.1 200 OK\r\n".len();
        let bytes = as_u64(first + own + OF_GATEWAY.len() + "\r\n".len() + text.len());
        Self {
            status,
            text,
            bytes,
        }
    }

    /// The text of a member.
    pub fn text(&self, of: &'static str, member: &'static str) -> Result<String, CostError> {
        match self.member(of, member)? {
            Value::String(text) => Ok(text),
            _ => Err(CostError::Lacks {
                operation: of,
                member,
            }),
        }
    }

    /// A member of the answer of an operation.
    pub fn member(&self, of: &'static str, member: &'static str) -> Result<Value, CostError> {
        let body: Option<Value> = serde_json::from_str(&self.text).ok();
        let found = body.and_then(|mut body| body.get_mut(member).map(Value::take));
        found.ok_or(CostError::Lacks {
            operation: of,
            member,
        })
    }
}

/// The bytes of a header.
fn header(name: usize, value: usize) -> usize {
    name + ": ".len() + value + "\r\n".len()
}

fn as_u64(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_as_long_as_it_is_sent() {
        let mut request = Request::new("list-products", "GET", "/products");
        request.headers = [("host", "a.example".to_owned())].into();
        let sent = "GET /products HTTP/1.1\r\nhost: a.example\r\n\r\n";
        assert_eq!(request.bytes(), as_u64(sent.len()));
        let request = request.query("limit=3").json(&json!({"a": 1}));
        let sent = "GET /products?limit=3 HTTP/1.1\r\nhost: a.example\r\ncontent-type: application/json\r\ncontent-length: 7\r\n\r\n{\"a\":1}";
        assert_eq!(request.bytes(), as_u64(sent.len()));
    }

    #[test]
    fn a_member_that_is_not_there_is_named() {
        let reply = Reply::new(201, r#"{"id":"x","version":3}"#.to_owned(), [].into_iter());
        assert_eq!(reply.text("place-order", "id").unwrap(), "x");
        assert_eq!(reply.member("get-cart", "version").unwrap(), 3);
        let error = reply.text("log-in", "access_token").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the answer of log-in has no access_token"
        );
    }
}
