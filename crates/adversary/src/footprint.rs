//! Which items a request touches.

use serde_json::Value;

use crate::tables::Tables;

/// A table and the attributes of a key, as JSON text with ordered names.
pub(crate) type ItemKey = (String, String);

/// What a request does to which items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Footprint {
    /// Reads these items, each as it is then, but not as of one moment.
    Reads(Vec<ItemKey>),
    /// Reads a table, all of it or a part.
    Scans,
    /// Reads indexes, or items as they were a little while ago.
    Lags,
    /// Writes one item.
    Writes(ItemKey),
    /// Writes or checks these items together, in the order of its actions.
    Transacts(Vec<ItemKey>),
    /// Concerns tables as such.
    Tables,
}

impl Footprint {
    pub(crate) fn of(operation: &str, body: &Value, tables: &Tables) -> Self {
        let table = || text(&body["TableName"]);
        match operation {
            _ if is_projected(body) => Self::Scans,
            "GetItem" if body["ConsistentRead"] == true => {
                Self::Reads(vec![key_of(table(), &body["Key"], tables)])
            }
            "BatchGetItem" => match batch(body, tables) {
                Some(items) => Self::Reads(items),
                None => Self::Lags,
            },
            "Query" | "Scan" if body["ConsistentRead"] == true => Self::Scans,
            "GetItem" | "Query" | "Scan" => Self::Lags,
            "PutItem" => Self::Writes(key_of(table(), &body["Item"], tables)),
            "UpdateItem" | "DeleteItem" => Self::Writes(key_of(table(), &body["Key"], tables)),
            "TransactWriteItems" => {
                let actions = body["TransactItems"].as_array().into_iter().flatten();
                Self::Transacts(actions.map(|action| acted_on(action, tables)).collect())
            }
            _ => Self::Tables,
        }
    }
}

/// Whether only a part of the items is asked for; then the engine answers.
fn is_projected(body: &Value) -> bool {
    !body["ProjectionExpression"].is_null() && body["IndexName"].is_null()
}

/// The items of a batch of reads; `None` when some of it need not be consistent.
fn batch(body: &Value, tables: &Tables) -> Option<Vec<ItemKey>> {
    let mut items = Vec::new();
    for (table, wanted) in body["RequestItems"].as_object()? {
        if wanted["ConsistentRead"] != true || is_projected(wanted) {
            return None;
        }
        let keys = wanted["Keys"].as_array().into_iter().flatten();
        items.extend(keys.map(|key| key_of(table.clone(), key, tables)));
    }
    Some(items)
}

fn acted_on(action: &Value, tables: &Tables) -> ItemKey {
    let action = action
        .as_object()
        .and_then(|action| action.values().find(|value| value.is_object()));
    let empty = Value::Null;
    let action = action.unwrap_or(&empty);
    let item = if action["Item"].is_object() {
        &action["Item"]
    } else {
        &action["Key"]
    };
    key_of(text(&action["TableName"]), item, tables)
}

pub(crate) fn key_of(table: String, item: &Value, tables: &Tables) -> ItemKey {
    let names = tables.key_of(&table).iter();
    let attributes = names.filter_map(|name| Some((name.clone(), item.get(name)?.clone())));
    let key = Value::Object(attributes.collect());
    (table, key.to_string())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
