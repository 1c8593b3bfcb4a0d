//! What is asked of AWS over an endpoint, by whomever: the actions that they need leave for, and on what.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    response::Response,
};
use local_shop::DynamoDb;
use serde_json::Value;

use super::{
    accesses::accesses,
    guard::signature,
    relay::{Relay, carry, nothing, serve},
    services::Services,
};

/// A recorder in front of a DynamoDB, which stands in for other services, too. Gone when dropped.
pub struct Recorder {
    relay: Relay,
    state: Arc<Passing>,
}

struct Passing {
    to: String,
    client: reqwest::Client,
    services: Services,
    /// The stream that was described last: what is read of one does not name it.
    stream: Mutex<String>,
    asked: Mutex<BTreeSet<String>>,
}

impl Recorder {
    pub async fn before(dynamodb: &DynamoDb) -> Self {
        let state = Arc::new(Passing {
            to: dynamodb.endpoint().to_owned(),
            client: reqwest::Client::new(),
            services: Services::with(BTreeMap::new()),
            stream: Mutex::default(),
            asked: Mutex::default(),
        });
        let routes = Router::new().fallback(pass).with_state(state.clone());
        let relay = serve(routes).await;
        Self { relay, state }
    }

    pub fn endpoint(&self) -> &str {
        self.relay.endpoint()
    }

    /// What was asked since this was last asked: each action, and on what.
    pub fn asked(&self) -> BTreeSet<String> {
        std::mem::take(&mut *self.state.asked.lock().unwrap())
    }
}

impl Passing {
    fn note(&self, action: &str, resource: &str) {
        let asked = format!("{action} on {resource}");
        self.asked.lock().unwrap().insert(asked);
    }

    /// A call of a table's stream.
    fn note_stream(&self, name: &str, call: &Value) {
        let mut stream = self.stream.lock().unwrap();
        let table = call["TableName"].as_str();
        let named = table.map(|table| format!("table/{table}/stream/*"));
        let arn = call["StreamArn"].as_str();
        let by_arn = arn.map(|arn| {
            let (stream, _label) = ending(arn).rsplit_once('/').unwrap();
            format!("{stream}/*")
        });
        if let Some(named) = named.or(by_arn) {
            *stream = named;
        }
        self.note(&format!("dynamodb:{name}"), &stream);
    }
}

/// What an ARN is about: all behind the account.
fn ending(arn: &str) -> &str {
    // A stream's label has colons, too.
    arn.splitn(6, ':').last().unwrap()
}

async fn pass(State(state): State<Arc<Passing>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let call: Value = serde_json::from_slice(&body).unwrap();
    let by = signature(&parts.headers);
    if by.service != "dynamodb" {
        let kind = Services::kind(by.service, &parts).unwrap();
        for wanted in (kind.wants)(&call) {
            state.note(kind.action, ending(&wanted.resource));
        }
        return state.services.answer(kind, &call);
    }
    let target = parts.headers["x-amz-target"].to_str().unwrap();
    let (service, name) = target.split_once('.').unwrap();
    if service.starts_with("DynamoDBStreams") {
        state.note_stream(name, &call);
    } else {
        for access in accesses(name, &call).unwrap() {
            let action = format!("dynamodb:{}", access.action.as_str());
            state.note(&action, &access.resource());
        }
    }
    let answer = carry(&state.client, &state.to, &parts.headers, body).await;
    answer.unwrap_or_else(nothing)
}
