//! The wire between the functions and AWS: it lets pass what a function's policy allows, notes that, and loses or refuses
//! calls to DynamoDB when told to.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::request::Parts,
    response::Response,
};
use local_shop::{DynamoDb, Operation, Shop, environment, template::Parameters};
use serde_json::{Value, json};

use super::{
    accesses::{Access, accesses},
    faults::{Faults, error},
    guard::{Guard, Signature, signature},
    relay::{Relay, carry, nothing, serve},
    services::{self, Services},
};

/// A wire. Cut when dropped.
pub struct Wire {
    relay: Relay,
    state: Arc<Passing>,
}

struct Passing {
    to: String,
    client: reqwest::Client,
    guard: Guard,
    services: Services,
    seen: Mutex<Vec<String>>,
    queried: Mutex<Vec<String>>,
    faults: Faults,
}

impl Wire {
    /// A wire to this DynamoDB, and to a Parameter Store that holds these, for the functions of these templates.
    pub async fn to(
        dynamodb: &DynamoDb,
        template: &Shop,
        parameters: Parameters,
        client: reqwest::Client,
    ) -> Self {
        let state = Arc::new(Passing {
            to: dynamodb.endpoint().to_owned(),
            client,
            guard: Guard::of(template),
            services: Services::with(parameters),
            seen: Mutex::default(),
            queried: Mutex::default(),
            faults: Faults::default(),
        });
        let routes = Router::new().fallback(pass).with_state(state.clone());
        let relay = serve(routes).await;
        Self { relay, state }
    }

    pub fn endpoint(&self) -> &str {
        self.relay.endpoint()
    }

    /// The environment of a function that reaches its tables over this wire. It signs by its own name, as on AWS by its
    /// own role.
    pub fn environment(&self, operation: &Operation) -> BTreeMap<String, String> {
        let mut environment = environment(operation, self.endpoint());
        environment.insert("AWS_ACCESS_KEY_ID".to_owned(), operation.name.clone());
        environment
    }

    /// The same as on AWS, where secrets are in the Parameter Store and there are other services. The function says in its
    /// log where it calls DynamoDB from.
    pub fn recorded_environment(&self, operation: &Operation) -> BTreeMap<String, String> {
        let mut environment = self.environment(operation);
        for (setting, path) in &operation.parameters {
            environment.remove(setting);
            environment.insert(format!("{setting}_PARAMETER"), path.clone());
        }
        let more = [
            ("AWS_ENDPOINT_URL", self.endpoint()),
            ("AWS_LAMBDA_LOG_LEVEL", "DEBUG"),
        ];
        environment.extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
        environment
    }

    /// What each function did so far of all that its policy allows, as [`told`](super::told).
    pub fn used(&self) -> BTreeSet<String> {
        self.state.guard.used()
    }

    /// The requests to other services by which this was done so far.
    pub fn done(&self, action: &str) -> Vec<Value> {
        self.state.services.done(action)
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

    /// The next call of this name is carried out and answered by this error, as if it had come twice and the second had been
    /// the one that is answered.
    pub fn belie(&self, name: &'static str, error: &Value) {
        self.state.faults.belie(name, error);
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
    /// The answer of another service than DynamoDB.
    fn serve(&self, by: &Signature<'_>, request: &Parts, body: &[u8]) -> Response {
        let function = by.function;
        let kind = match Services::kind(by.service, request) {
            Ok(kind) => kind,
            Err(name) => {
                let why = format!(
                    "{function} asks for {name}, which tests/it/support/services.rs does not know"
                );
                return services::denied(&self.guard.refuse(why));
            }
        };
        let request: Value = serde_json::from_slice(body).unwrap();
        let wanted = (kind.wants)(&request);
        match self.guard.authorize_request(function, kind.action, &wanted) {
            Ok(()) => self.services.answer(kind, &request),
            Err(why) => services::denied(&why),
        }
    }

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
    }
}

async fn pass(State(state): State<Arc<Passing>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    // Whoever is killed may have sent half of it.
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return nothing();
    };
    let by = signature(&parts.headers);
    if by.service != "dynamodb" {
        return state.serve(&by, &parts, &body);
    }
    let target = parts.headers["x-amz-target"].to_str().unwrap();
    let name = target.rsplit('.').next().unwrap();
    let lost = {
        let call: Value = serde_json::from_slice(&body).unwrap();
        let accesses = accesses(name, &call);
        let allowed = state
            .guard
            .authorize(by.function, name, accesses.as_deref());
        if let Err(denied) = allowed {
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
    let answer = match carry(&state.client, &state.to, &parts.headers, body).await {
        Some(answer) if !lost => answer,
        _ => return nothing(),
    };
    match state.faults.lie(name) {
        Some(lie) => error(&lie),
        None => answer,
    }
}
