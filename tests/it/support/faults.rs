//! What goes wrong on the wire when it is told to: calls that DynamoDB refuses, and answers that get lost.

use std::sync::Mutex;

use axum::{body::Body, response::Response};
use serde_json::{Value, json};

use super::{accesses::Access, shop::NAME};

/// Stands in an error's message for the request that it answers, which is quoted there.
pub const THE_REQUEST: &str = "<the request>";

/// What is to go wrong. Nothing, unless it is said.
#[derive(Default)]
pub struct Faults {
    lossy: Mutex<Option<Lossy>>,
    refusals: Mutex<Vec<(&'static str, String)>>,
    belied: Mutex<Option<(&'static str, String)>>,
    quoted: Mutex<String>,
}

/// The calls whose answers get lost.
struct Lossy {
    calls: &'static [&'static str],
    table: &'static str,
}

impl Lossy {
    fn loses(&self, call: &str, accesses: &[Access<'_>]) -> bool {
        let is_named = self.calls.is_empty() || self.calls.contains(&call);
        let table = format!("{NAME}-{}", self.table);
        is_named && accesses.iter().any(|access| access.table == table)
    }
}

impl Faults {
    /// Loses the answers to calls of these names, or of any if none is named, that name this table.
    pub fn lose(&self, calls: &'static [&'static str], table: &'static str) {
        *self.lossy.lock().unwrap() = Some(Lossy { calls, table });
    }

    /// Loses nothing any more.
    pub fn mend(&self) {
        *self.lossy.lock().unwrap() = None;
    }

    /// Whether the answer to this call gets lost.
    pub fn loses(&self, call: &str, accesses: &[Access<'_>]) -> bool {
        let lossy = self.lossy.lock().unwrap();
        lossy
            .as_ref()
            .is_some_and(|lossy| lossy.loses(call, accesses))
    }

    /// Answers the next `times` calls of this name by this error, which may quote [`THE_REQUEST`].
    pub fn refuse(&self, name: &'static str, times: usize, error: &Value) {
        let refusal = (name, error.to_string());
        let mut refusals = self.refusals.lock().unwrap();
        refusals.extend(std::iter::repeat_n(refusal, times));
    }

    /// How many of those calls have not come yet; they are not refused any more.
    pub fn forgive(&self) -> usize {
        std::mem::take(&mut *self.refusals.lock().unwrap()).len()
    }

    /// The error by which this call is refused, if it is.
    pub fn refusal(&self, call: &str, request: &[u8]) -> Option<String> {
        let mut refusals = self.refusals.lock().unwrap();
        let next = refusals.iter().position(|(of, _)| *of == call)?;
        let (_, error) = refusals.remove(next);
        Some(self.quoting(&error, request))
    }

    /// Has the next call of this name carried out and answered by this error.
    pub fn belie(&self, name: &'static str, error: &Value) {
        *self.belied.lock().unwrap() = Some((name, error.to_string()));
    }

    /// The error that answers this call, which was carried out.
    pub fn lie(&self, call: &str) -> Option<String> {
        let mut belied = self.belied.lock().unwrap();
        let (_, error) = belied.take_if(|(name, _)| *name == call)?;
        Some(error)
    }

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

    /// All that errors have quoted so far.
    pub fn quoted(&self) -> String {
        self.quoted.lock().unwrap().clone()
    }
}

/// An answer that is this error.
pub fn error(error: &str) -> Response {
    // DynamoDB's own faults are 5xx, whatever else it says is 400.
    let status = if error.contains("InternalServerError") {
        500
    } else {
        400
    };
    let answer = Response::builder()
        .status(status)
        .header("content-type", "application/x-amz-json-1.0")
        .body(Body::from(error.to_owned()));
    answer.unwrap()
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
