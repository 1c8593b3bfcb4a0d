//! AWS's services beside DynamoDB, as far as functions ask anything of them: what a request must be allowed, and what it is
//! answered.

use std::{collections::BTreeMap, sync::Mutex};

use axum::{
    body::Body,
    http::request::Parts,
    response::{IntoResponse, Response},
};
use local_shop::arn;
use serde_json::{Value, json};

/// What a request wants to do something with, and what it says that a condition may ask for.
pub struct Wanted {
    pub resource: String,
    pub said: BTreeMap<String, String>,
}

/// A kind of request.
pub struct Kind {
    /// The service's name in signatures.
    service: &'static str,
    /// The request's target, or its path where it has none.
    name: &'static str,
    /// What has to be allowed.
    pub action: &'static str,
    /// On what.
    pub wants: fn(&Value) -> Vec<Wanted>,
    answer: fn(&Services, &Value) -> Value,
}

/// All that functions make. Another one is a row here, and its action a line in
/// `crates/local-shop/src/template/policy/service.rs`.
static KINDS: [Kind; 3] = [
    Kind {
        service: "ssm",
        name: "AmazonSSM.GetParameters",
        action: "ssm:GetParameters",
        wants: parameters,
        answer: Services::read,
    },
    Kind {
        service: "events",
        name: "AWSEvents.PutEvents",
        action: "events:PutEvents",
        wants: buses,
        answer: |_, request| {
            let entries = request["Entries"].as_array().unwrap();
            let taken = entries.iter().map(|_| json!({"EventId": "0"}));
            json!({"FailedEntryCount": 0, "Entries": taken.collect::<Vec<_>>()})
        },
    },
    Kind {
        service: "ses",
        name: "/v2/email/outbound-emails",
        action: "ses:SendEmail",
        wants: identity,
        answer: |_, _| json!({"MessageId": "0"}),
    },
];

/// Each parameter that is named, by its path.
fn parameters(request: &Value) -> Vec<Wanted> {
    let names = request["Names"].as_array().into_iter().flatten();
    let wanted = names.map(|name| Wanted {
        resource: arn("ssm", &format!("parameter{}", name.as_str().unwrap())),
        said: BTreeMap::new(),
    });
    wanted.collect()
}

/// Each bus that is named, by its name.
fn buses(request: &Value) -> Vec<Wanted> {
    let entries = request["Entries"].as_array().into_iter().flatten();
    let wanted = entries.map(|entry| {
        let bus = entry["EventBusName"].as_str().unwrap();
        Wanted {
            resource: arn("events", &format!("event-bus/{bus}")),
            said: BTreeMap::new(),
        }
    });
    wanted.collect()
}

/// The domain of the address that mail comes from, which is what is verified here.
fn identity(request: &Value) -> Vec<Wanted> {
    let from = request["FromEmailAddress"].as_str().unwrap();
    let (_, domain) = from.split_once('@').unwrap();
    vec![Wanted {
        resource: arn("ses", &format!("identity/{domain}")),
        said: BTreeMap::from([("ses:FromAddress".to_owned(), from.to_owned())]),
    }]
}

/// The services.
pub struct Services {
    /// What the Parameter Store holds, by path.
    parameters: BTreeMap<String, String>,
    /// What was done, and by which requests.
    done: Mutex<Vec<(&'static str, Value)>>,
}

impl Services {
    /// Services of which the Parameter Store holds these.
    pub fn with(parameters: BTreeMap<String, String>) -> Self {
        let done = Mutex::default();
        Self { parameters, done }
    }

    /// Which kind a request is, or how it calls itself.
    pub fn kind(service: &str, request: &Parts) -> Result<&'static Kind, String> {
        let target = request.headers.get("x-amz-target");
        let target = target.and_then(|value| value.to_str().ok());
        let name = target.unwrap_or_else(|| request.uri.path());
        let mut kinds = KINDS.iter();
        let known = kinds.find(|kind| kind.service == service && kind.name == name);
        known.ok_or_else(|| format!("{name} of {service}"))
    }

    /// Does what is asked for.
    pub fn answer(&self, kind: &Kind, request: &Value) -> Response {
        let mut done = self.done.lock().unwrap();
        done.push((kind.action, request.clone()));
        (kind.answer)(self, request).to_string().into_response()
    }

    /// The requests by which this was done.
    pub fn done(&self, action: &str) -> Vec<Value> {
        let done = self.done.lock().unwrap();
        let of_it = done.iter().filter(|(of, _)| *of == action);
        of_it.map(|(_, request)| request.clone()).collect()
    }

    fn read(&self, request: &Value) -> Value {
        let names = request["Names"].as_array().into_iter().flatten();
        let names = names.filter_map(Value::as_str);
        let held = names.filter_map(|name| Some((name, self.parameters.get(name)?)));
        let held = held.map(|(name, value)| json!({"Name": name, "Value": value}));
        json!({"Parameters": held.collect::<Vec<_>>()})
    }
}

/// What is answered to a request that is not allowed.
pub fn denied(why: &str) -> Response {
    let error = json!({"__type": "AccessDeniedException", "message": why});
    let answer = Response::builder().status(400);
    answer.body(Body::from(error.to_string())).unwrap()
}
