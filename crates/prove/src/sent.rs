//! Requests on their way to DynamoDB.

use adversary::{Meddling, Sent};
use serde_json::{Value, json};

/// Whether it writes.
pub(crate) fn writes(sent: &Sent<'_>) -> bool {
    !["GetItem", "BatchGetItem", "Query"].contains(&sent.operation)
}

/// Whether it is a step that the payment provider takes.
pub(crate) fn of_provider(sent: &Sent<'_>) -> bool {
    let table = sent.body["TableName"].as_str().unwrap_or_default();
    sent.operation == "PutItem" && table.ends_with("-provider")
}

/// What a write is answered that comes too soon after others: it is throttled, or meets a transaction.
pub(crate) fn turned_away(sent: &Sent<'_>, throttled: bool) -> Meddling {
    let (name, more) = match sent.body["TransactItems"].as_array() {
        _ if throttled => ("ThrottlingException", json!({})),
        None => ("TransactionConflictException", json!({})),
        Some(actions) => {
            let conflict = |_: &Value| json!({"Code": "TransactionConflict"});
            let reasons: Vec<Value> = actions.iter().map(conflict).collect();
            let more = json!({"CancellationReasons": reasons});
            ("TransactionCanceledException", more)
        }
    };
    Meddling::Refuse(400, name, more)
}
