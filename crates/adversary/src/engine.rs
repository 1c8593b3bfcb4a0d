//! dynoxide, asked by the names of DynamoDB's operations.

use dynoxide::{Database, DynoxideError};
use serde_json::{Value, json};

/// An answer: status and body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn ok(body: Value) -> Self {
        Self { status: 200, body }
    }

    /// DynamoDB's error with this name.
    pub(crate) fn error(status: u16, name: &str, message: &str) -> Self {
        let kind = format!("com.amazonaws.dynamodb.v20120810#{name}");
        let body = json!({"__type": kind, "message": message});
        Self { status, body }
    }

    /// A transaction that was cancelled for these reasons, one for each action.
    pub(crate) fn cancelled(reasons: impl IntoIterator<Item = Value>) -> Self {
        let reasons: Vec<Value> = reasons.into_iter().collect();
        let codes: Vec<&str> = reasons
            .iter()
            .map(|reason| reason["Code"].as_str().unwrap_or_default())
            .collect();
        let message =
            "Transaction cancelled, please refer cancellation reasons for specific reasons";
        let message = format!("{message} [{}]", codes.join(", "));
        let mut answer = Self::error(400, "TransactionCanceledException", "");
        answer.body = json!({
            "__type": answer.body["__type"],
            "Message": message,
            "CancellationReasons": reasons,
        });
        answer
    }

    pub(crate) fn is_ok(&self) -> bool {
        self.status == 200
    }

    /// The error's name; empty for a success.
    pub(crate) fn error_name(&self) -> &str {
        let kind = self.body["__type"].as_str().unwrap_or_default();
        kind.rsplit('#').next().unwrap_or_default()
    }
}

macro_rules! operations {
    ($database:expr, $operation:expr, $body:expr, { $($name:literal => $method:ident,)* }) => {
        match $operation {
            $($name => match serde_json::from_value($body) {
                Ok(request) => carried_out($database.$method(request).map(serde_json::to_value)),
                Err(error) => Answer::error(400, "SerializationException", &plain(&error.to_string())),
            },)*
            other => Answer::error(400, "UnknownOperationException", other),
        }
    };
}

/// Carries an operation out.
pub(crate) fn carry_out(database: &Database, operation: &str, body: Value) -> Answer {
    operations!(database, operation, body, {
        "CreateTable" => create_table,
        "DescribeTable" => describe_table,
        "UpdateTimeToLive" => update_time_to_live,
        "GetItem" => get_item,
        "BatchGetItem" => batch_get_item,
        "PutItem" => put_item,
        "UpdateItem" => update_item,
        "DeleteItem" => delete_item,
        "Query" => query,
        "Scan" => scan,
        "TransactWriteItems" => transact_write_items,
    })
}

fn carried_out(outcome: Result<serde_json::Result<Value>, DynoxideError>) -> Answer {
    match outcome {
        Ok(Ok(body)) => Answer::ok(body),
        Ok(Err(error)) => Answer::error(500, "InternalServerError", &error.to_string()),
        Err(error) => Answer {
            status: error.status_code(),
            body: serde_json::from_str(&error.to_json()).unwrap_or_default(),
        },
    }
}

/// A message without the marks by which dynoxide tells its own errors apart.
fn plain(message: &str) -> String {
    let marks = ["VALIDATION:", "SERIALIZATION:"];
    let mut plain = message.to_owned();
    for mark in marks {
        plain = plain.replace(mark, "");
    }
    plain
}
