//! The wire between the functions and their DynamoDB: it lets pass what a function's policy allows, notes those calls,
//! and loses or refuses them when told to.

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
use local_shop::{DynamoDb, Grant, Operation, Shop, environment};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::{
    accesses::{Access, accesses},
    faults::{Faults, error},
    guard::{Guard, signer},
    relay::{carry, nothing, serve},
};

/// A wire. Cut when dropped.
pub struct Wire {
    endpoint: String,
    state: Arc<Passing>,
    server: JoinHandle<()>,
}

struct Passing {
    to: String,
    client: reqwest::Client,
    guard: Guard,
    seen: Mutex<Vec<String>>,
    queried: Mutex<Vec<String>>,
    faults: Faults,
}

impl Wire {
    /// A wire to this DynamoDB for the functions of these templates.
    pub async fn to(dynamodb: &DynamoDb, template: &Shop, client: reqwest::Client) -> Self {
        let state = Arc::new(Passing {
            to: dynamodb.endpoint().to_owned(),
            client,
            guard: Guard::of(template),
            seen: Mutex::default(),
            queried: Mutex::default(),
            faults: Faults::default(),
        });
        let routes = Router::new().fallback(pass).with_state(state.clone());
        let (endpoint, server) = serve(routes).await;
        Self {
            endpoint,
            state,
            server,
        }
    }

    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The environment of a function that reaches its tables over this wire. It signs by its own name, as on AWS by its
    /// own role.
    pub fn environment(&self, operation: &Operation) -> BTreeMap<String, String> {
        let mut environment = environment(operation, &self.endpoint);
        environment.insert("AWS_ACCESS_KEY_ID".to_owned(), operation.name.clone());
        environment
    }

    /// What each function did so far of all that its policy allows.
    pub fn used(&self) -> BTreeMap<String, BTreeSet<Grant>> {
        self.state.guard.used()
    }

    /// The calls since this was last asked that no policy allows, and that were not carried out.
    pub fn denied(&self) -> Vec<String> {
        self.state.guard.denied()
    }

    /// From now on calls that name this table are carried out, and their answers lost.
    pub fn lose_answers_of(&self, table: &'static str) {
        self.lose_answers_to(&[], table);
    }

    /// From now on calls of these names, or of any if none is named, that name this table are carried out, and their
    /// answers lost.
    pub fn lose_answers_to(&self, calls: &'static [&'static str], table: &'static str) {
        self.state.faults.lose(calls, table);
    }

    /// From now on every answer arrives.
    pub fn mend(&self) {
        self.state.faults.mend();
    }

    /// The next `times` calls of this name are not carried out but answered by this error, which may quote
    /// [`THE_REQUEST`](super::THE_REQUEST).
    pub fn refuse(&self, name: &'static str, times: usize, error: &Value) {
        self.state.faults.refuse(name, times, error);
    }

    /// How many of those calls have not come yet; they are carried out from now on.
    pub fn forgive(&self) -> usize {
        self.state.faults.forgive()
    }

    /// The names of the calls since this was last asked, in the order in which they came.
    pub fn calls(&self) -> Vec<String> {
        std::mem::take(&mut *self.state.seen.lock().unwrap())
    }

    /// All that errors have quoted so far.
    pub fn quoted(&self) -> String {
        self.state.faults.quoted()
    }

    /// The indexes that were queried since this was last asked, in the order of the queries; empty for a table itself.
    pub fn queried(&self) -> Vec<String> {
        std::mem::take(&mut *self.state.queried.lock().unwrap())
    }
}

impl Passing {
    /// Notes a call that may pass.
    fn note(&self, call: &str, accesses: &[Access<'_>]) {
        self.seen.lock().unwrap().push(call.to_owned());
        if call == "Query" {
            let indexes = accesses.iter().map(|query| query.index.unwrap_or_default());
            let mut queried = self.queried.lock().unwrap();
            queried.extend(indexes.map(str::to_owned));
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        let denied = self.denied();
        // It may be why.
        if std::thread::panicking() && !denied.is_empty() {
            eprintln!("calls were denied: {denied:#?}");
        }
        self.server.abort();
    }
}

async fn pass(State(state): State<Arc<Passing>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    // Whoever is killed may have sent half of it.
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return nothing();
    };
    let target = parts.headers["x-amz-target"].to_str().unwrap();
    let name = target.rsplit('.').next().unwrap();
    let lost = {
        let call: Value = serde_json::from_slice(&body).unwrap();
        let accesses = accesses(name, &call);
        let function = signer(&parts.headers);
        let guard = &state.guard;
        if let Err(denied) = guard.authorize(function, name, accesses.as_deref()) {
            let kind = "com.amazon.coral.service#AccessDeniedException";
            return error(&json!({"__type": kind, "Message": denied}).to_string());
        }
        let accesses = accesses.unwrap_or_default();
        state.note(name, &accesses);
        if let Some(refusal) = state.faults.refusal(name, &body) {
            return error(&refusal);
        }
        state.faults.loses(name, &accesses)
    };
    match carry(&state.client, &state.to, &parts.headers, body).await {
        Some(answer) if !lost => answer,
        _ => nothing(),
    }
}
