//! The wire between the functions and their DynamoDB: it counts the calls that pass, and loses or
//! refuses them when told to.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    response::Response,
};
use local_shop::DynamoDb;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

/// Stands in an error's message for the request that it answers, which is quoted there.
pub const THE_REQUEST: &str = "<the request>";

/// A wire. Cut when dropped.
pub struct Wire {
    endpoint: String,
    state: Arc<Passing>,
    server: JoinHandle<()>,
}

struct Passing {
    to: String,
    client: reqwest::Client,
    seen: Mutex<Vec<String>>,
    queried: Mutex<Vec<String>>,
    lossy: Mutex<Option<Lossy>>,
    refusals: Mutex<Vec<(&'static str, String)>>,
    quoted: Mutex<String>,
}

/// The calls whose answers get lost.
struct Lossy {
    calls: &'static [&'static str],
    table: &'static str,
}

impl Lossy {
    fn loses(&self, call: &str, body: &str) -> bool {
        let is_named = self.calls.is_empty() || self.calls.contains(&call);
        is_named && body.contains(&format!("\"oxcart-test-{}\"", self.table))
    }
}

impl Wire {
    pub async fn to(dynamodb: &DynamoDb) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Passing {
            to: dynamodb.endpoint().to_owned(),
            client: reqwest::Client::new(),
            seen: Mutex::default(),
            queried: Mutex::default(),
            lossy: Mutex::default(),
            refusals: Mutex::default(),
            quoted: Mutex::default(),
        });
        let routes = Router::new().fallback(pass).with_state(state.clone());
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self {
            endpoint,
            state,
            server,
        }
    }

    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// From now on calls that name this table are carried out, and their answers lost.
    pub fn lose_answers_of(&self, table: &'static str) {
        self.lose_answers_to(&[], table);
    }

    /// From now on calls of these names, or of any if none is named, that name this table are carried out, and their
    /// answers lost.
    pub fn lose_answers_to(&self, calls: &'static [&'static str], table: &'static str) {
        *self.state.lossy.lock().unwrap() = Some(Lossy { calls, table });
    }

    /// From now on every answer arrives.
    pub fn mend(&self) {
        *self.state.lossy.lock().unwrap() = None;
    }

    /// The next `times` calls of this name are not carried out but answered by this error, which may quote
    /// [`THE_REQUEST`].
    pub fn refuse(&self, name: &'static str, times: usize, error: &Value) {
        let refusal = (name, error.to_string());
        let mut refusals = self.state.refusals.lock().unwrap();
        refusals.extend(std::iter::repeat_n(refusal, times));
    }

    /// How many of those calls have not come yet; they are carried out from now on.
    pub fn forgive(&self) -> usize {
        std::mem::take(&mut *self.state.refusals.lock().unwrap()).len()
    }

    /// The names of the calls since this was last asked, in the order in which they came.
    pub fn calls(&self) -> Vec<String> {
        std::mem::take(&mut *self.state.seen.lock().unwrap())
    }

    /// All that errors have quoted so far.
    pub fn quoted(&self) -> String {
        self.state.quoted.lock().unwrap().clone()
    }

    /// The indexes that were queried since this was last asked, in the order of the queries; empty for a table itself.
    pub fn queried(&self) -> Vec<String> {
        std::mem::take(&mut *self.state.queried.lock().unwrap())
    }
}

impl Passing {
    /// The error with the request in it, if it quotes it.
    fn quoting(&self, error: &str, request: &[u8]) -> String {
        if !error.contains(THE_REQUEST) {
            return error.to_owned();
        }
        // What it is quoted in is JSON as well.
        let request = String::from_utf8_lossy(request).replace(['"', '\\'], "'");
        self.quoted.lock().unwrap().push_str(&request);
        error.replace(THE_REQUEST, &request)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn pass(State(state): State<Arc<Passing>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let target = parts.headers["x-amz-target"].to_str().unwrap();
    let name = target.rsplit('.').next().unwrap().to_owned();
    let refused = {
        let mut refusals = state.refusals.lock().unwrap();
        let next = refusals.iter().position(|(of, _)| *of == name);
        next.map(|next| refusals.remove(next).1)
    };
    state.seen.lock().unwrap().push(name.clone());
    if name == "Query" {
        let query: Value = serde_json::from_slice(&body).unwrap();
        let index = query["IndexName"].as_str().unwrap_or_default();
        state.queried.lock().unwrap().push(index.to_owned());
    }
    if let Some(error) = refused {
        let error = state.quoting(&error, &body);
        // DynamoDB's own faults are 5xx, whatever else it says is 400.
        let status = if error.contains("InternalServerError") {
            500
        } else {
            400
        };
        let refusal = Response::builder()
            .status(status)
            .header("content-type", "application/x-amz-json-1.0")
            .body(Body::from(error));
        return refusal.unwrap();
    }
    let lost = state.lossy.lock().unwrap().as_ref().is_some_and(|lossy| {
        let body = String::from_utf8_lossy(&body);
        lossy.loses(&name, &body)
    });
    let mut call = state.client.post(&state.to).body(body);
    for name in [
        "x-amz-target",
        "content-type",
        "authorization",
        "x-amz-date",
    ] {
        if let Some(value) = parts.headers.get(name) {
            call = call.header(name, value);
        }
    }
    let answer = call.send().await.unwrap();
    if lost {
        let gone = Response::builder().status(500).body(Body::empty());
        return gone.unwrap();
    }
    let mut back = Response::builder().status(answer.status());
    for name in ["content-type", "x-amz-crc32", "x-amzn-requestid"] {
        if let Some(value) = answer.headers().get(name) {
            back = back.header(name, value);
        }
    }
    back.body(Body::from(answer.bytes().await.unwrap()))
        .unwrap()
}

/// DynamoDB's error for a transaction that was cancelled for these reasons, one an action. A condition that failed is of
/// a bucket that is empty.
pub fn cancelled(reasons: &[&str]) -> Value {
    let bucket = json!({
        "pk": {"S": "STOCK#mug#0"}, "sk": {"S": "BUCKET"}, "available": {"N": "0"}, "taken": {"N": "5"},
        "received": {"N": "5"}, "offer_version": {"N": "1"}, "active": {"BOOL": true}, "version": {"N": "9"},
    });
    let reason = |code: &&str| match *code {
        "ConditionalCheckFailed" => {
            json!({"Code": code, "Message": "The conditional request failed", "Item": bucket})
        }
        code => json!({"Code": code}),
    };
    let all = reasons.join(", ");
    json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{all}]"),
        "CancellationReasons": reasons.iter().map(reason).collect::<Vec<_>>(),
    })
}
