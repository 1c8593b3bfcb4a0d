//! What DynamoDB's answers say that calls cost: by table, and tables and their indexes apart.
//!
//! The store's own meter asks each call for its cost as a sum ([`store::meter`]). Here every call is asked once more, just
//! before it is signed, to tell tables and indexes apart; answers are read when the clock has stopped.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
};

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::{
            AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
        },
    },
    error::BoxError,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use serde::{Deserialize, Serialize};

use super::error::CostError;

/// How the store's meter asks, and how it is asked here.
const TOTAL: &str = r#""ReturnConsumedCapacity":"TOTAL""#;
const INDEXES: &str = r#""ReturnConsumedCapacity":"INDEXES""#;

/// What units are of. DynamoDB doubles the units of a table's items in a transaction itself, and not those of indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Reads of a table.
    Reads,
    /// Reads of an index.
    IndexReads,
    /// Writes by themselves.
    Writes,
    /// Writes in transactions.
    TransactionWrites,
    /// What writes of a table's items change in its indexes.
    IndexWrites,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reads => "reads",
            Self::IndexReads => "reads of indexes",
            Self::Writes => "writes",
            Self::TransactionWrites => "writes in transactions",
            Self::IndexWrites => "writes of indexes",
        })
    }
}

/// Units by their kinds.
pub type Units = BTreeMap<Kind, f64>;

/// A call and what it cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Such as `GetItem`.
    pub name: String,
    /// Whether DynamoDB refused it. It does not say what that cost.
    pub is_refused: bool,
    /// Units by table.
    pub tables: BTreeMap<String, Units>,
}

/// Hears what all functions ask of DynamoDB.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Arc<Mutex<Vec<Heard>>>);

/// A call that was answered.
#[derive(Debug)]
struct Heard {
    call: String,
    is_refused: bool,
    answer: Vec<u8>,
}

impl Recorder {
    /// The calls since this was last asked.
    pub fn take(&self) -> Result<Vec<Call>, CostError> {
        let heard = match self.0.lock() {
            Ok(mut heard) => std::mem::take(&mut *heard),
            Err(_) => Vec::new(),
        };
        heard.into_iter().map(Call::read).collect()
    }
}

impl Intercept for Recorder {
    fn name(&self) -> &'static str {
        "Recorder"
    }

    fn modify_before_signing(
        &self,
        call: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = call.request_mut();
        let Some(body) = request.body().bytes() else {
            return Ok(());
        };
        let body = std::str::from_utf8(body)?.replacen(TOTAL, INDEXES, 1);
        let length = body.len().to_string();
        request.headers_mut().insert("content-length", length);
        *request.body_mut() = body.into();
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        call: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        settings: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let name = settings.load::<Metadata>().map(Metadata::name);
        let answer = call.response().body().bytes().unwrap_or_default();
        let heard = Heard {
            call: name.unwrap_or_default().to_owned(),
            is_refused: call.output_or_error().is_err(),
            answer: answer.to_owned(),
        };
        if let Ok(mut all) = self.0.lock() {
            all.push(heard);
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    consumed_capacity: Option<Consumed>,
}

/// A call about one item has one, a batch or a transaction one for each table.
#[derive(Deserialize)]
#[serde(untagged)]
enum Consumed {
    One(Capacity),
    Several(Vec<Capacity>),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Capacity {
    table_name: String,
    read_capacity_units: Option<f64>,
    table: Part,
    #[serde(default)]
    global_secondary_indexes: BTreeMap<String, Part>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Part {
    capacity_units: f64,
}

impl Call {
    fn read(heard: Heard) -> Result<Self, CostError> {
        let Heard {
            call,
            is_refused,
            answer,
        } = heard;
        let mut tables: BTreeMap<String, Units> = BTreeMap::new();
        if !is_refused {
            let answer: Answer =
                serde_json::from_slice(&answer).map_err(|source| CostError::Unreadable {
                    call: call.clone(),
                    source,
                })?;
            let consumed = match answer.consumed_capacity {
                None => return Err(CostError::Untold(call)),
                Some(Consumed::One(one)) => vec![one],
                Some(Consumed::Several(several)) => several,
            };
            for capacity in consumed {
                let (of_table, of_indexes) = kinds(&call, &capacity)?;
                let units = tables.entry(capacity.table_name).or_default();
                add(units, of_table, capacity.table.capacity_units);
                for index in capacity.global_secondary_indexes.values() {
                    add(units, of_indexes, index.capacity_units);
                }
            }
        }
        Ok(Self {
            name: call,
            is_refused,
            tables,
        })
    }

    /// Whether it is a transaction, for which one waits longer.
    pub fn is_transaction(&self) -> bool {
        self.name == "TransactWriteItems"
    }
}

fn add(units: &mut Units, kind: Kind, more: f64) {
    if more > 0.0 {
        *units.entry(kind).or_default() += more;
    }
}

/// What the units of a call are of: those of a table, and those of its indexes.
fn kinds(call: &str, capacity: &Capacity) -> Result<(Kind, Kind), CostError> {
    match call {
        "GetItem" | "BatchGetItem" | "Query" | "Scan" => Ok((Kind::Reads, Kind::IndexReads)),
        "PutItem" | "UpdateItem" | "DeleteItem" => Ok((Kind::Writes, Kind::IndexWrites)),
        // One that is sent again and was done before is only read.
        "TransactWriteItems" if capacity.read_capacity_units.is_some() => {
            Ok((Kind::Reads, Kind::IndexReads))
        }
        "TransactWriteItems" => Ok((Kind::TransactionWrites, Kind::IndexWrites)),
        other => Err(CostError::UnknownCall(other.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(call: &str, consumed: Value) -> Result<Call, CostError> {
        Call::read(Heard {
            call: call.to_owned(),
            is_refused: false,
            answer: json!({ "ConsumedCapacity": consumed }).to_string().into(),
        })
    }

    fn units<const N: usize>(call: &Call, table: &str, expected: [(Kind, f64); N]) {
        assert_eq!(call.tables[table], Units::from(expected), "{table}");
    }

    #[test]
    fn a_transaction_is_told_by_table_and_its_indexes_apart() {
        let orders = json!({
            "TableName": "orders", "CapacityUnits": 6.0, "WriteCapacityUnits": 6.0,
            "Table": {"CapacityUnits": 4.0, "WriteCapacityUnits": 4.0},
            "GlobalSecondaryIndexes": {
                "by-day": {"CapacityUnits": 1.0, "WriteCapacityUnits": 1.0},
                "due": {"CapacityUnits": 1.0, "WriteCapacityUnits": 1.0},
            },
        });
        let stock = json!({
            "TableName": "catalogue", "CapacityUnits": 2.0, "WriteCapacityUnits": 2.0,
            "Table": {"CapacityUnits": 2.0, "WriteCapacityUnits": 2.0},
        });
        let call = read("TransactWriteItems", json!([orders, stock])).unwrap();
        assert!(call.is_transaction());
        units(
            &call,
            "orders",
            [(Kind::TransactionWrites, 4.0), (Kind::IndexWrites, 2.0)],
        );
        units(&call, "catalogue", [(Kind::TransactionWrites, 2.0)]);
    }

    #[test]
    fn a_transaction_that_was_done_before_is_read() {
        let again = json!([{
            "TableName": "orders", "CapacityUnits": 2.0, "ReadCapacityUnits": 2.0,
            "Table": {"CapacityUnits": 2.0, "ReadCapacityUnits": 2.0},
        }]);
        let call = read("TransactWriteItems", again).unwrap();
        units(&call, "orders", [(Kind::Reads, 2.0)]);
    }

    #[test]
    fn a_query_of_an_index_costs_its_table_nothing() {
        let query = json!({
            "TableName": "orders", "CapacityUnits": 0.5, "Table": {"CapacityUnits": 0.0},
            "GlobalSecondaryIndexes": {"due": {"CapacityUnits": 0.5}},
        });
        let call = read("Query", query).unwrap();
        units(&call, "orders", [(Kind::IndexReads, 0.5)]);
    }

    #[test]
    fn what_is_not_told_or_not_known_is_an_error_and_not_free() {
        let part = json!({"TableName": "t", "CapacityUnits": 1.0, "Table": {"CapacityUnits": 1.0}});
        let error = read("PutItem", Value::Null).unwrap_err();
        assert_eq!(error.to_string(), "DynamoDB does not say what PutItem cost");
        let error = read("PutEverything", part).unwrap_err();
        assert!(
            matches!(error, CostError::UnknownCall(call) if call == "PutEverything"),
            "a call without a row"
        );
    }
}
