//! Which items a request touches.

use std::collections::BTreeSet;

use serde_json::Value;

/// A table and the attributes of a key, as JSON text with ordered names.
pub(crate) type ItemKey = (String, String);

/// What a request does to which items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Footprint {
    /// Reads items or indexes; whether what it reads must be consistent.
    Reads { consistent: bool },
    /// Writes one item.
    Writes(ItemKey),
    /// Writes or checks these items together, in the order of its actions.
    Transacts(Vec<ItemKey>),
    /// Concerns tables as such.
    Tables,
}

/// The names of each table's key attributes.
pub(crate) trait Keys {
    /// Those of a table: its partition key, and its sort key if it has one.
    fn of(&self, table: &str) -> Vec<String>;
}

impl Footprint {
    pub(crate) fn of(operation: &str, body: &Value, keys: &impl Keys) -> Self {
        let table = || text(&body["TableName"]);
        match operation {
            "GetItem" | "Query" | "Scan" => Self::Reads {
                consistent: body["ConsistentRead"] == true,
            },
            "BatchGetItem" => Self::Reads {
                consistent: body["RequestItems"]
                    .as_object()
                    .is_some_and(|tables| tables.values().all(|it| it["ConsistentRead"] == true)),
            },
            "TransactGetItems" => Self::Reads { consistent: true },
            "PutItem" => Self::Writes(key_of(table(), &body["Item"], keys)),
            "UpdateItem" | "DeleteItem" => Self::Writes(key_of(table(), &body["Key"], keys)),
            "TransactWriteItems" => {
                let actions = body["TransactItems"].as_array().into_iter().flatten();
                Self::Transacts(actions.map(|action| acted_on(action, keys)).collect())
            }
            _ => Self::Tables,
        }
    }

    /// The items that are written.
    pub(crate) fn written(&self) -> BTreeSet<ItemKey> {
        match self {
            Self::Writes(item) => [item.clone()].into(),
            Self::Transacts(items) => items.iter().cloned().collect(),
            Self::Reads { .. } | Self::Tables => BTreeSet::new(),
        }
    }
}

fn acted_on(action: &Value, keys: &impl Keys) -> ItemKey {
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
    key_of(text(&action["TableName"]), item, keys)
}

fn key_of(table: String, item: &Value, keys: &impl Keys) -> ItemKey {
    let names = keys.of(&table);
    let attributes = names.into_iter().filter_map(|name| {
        let value = item.get(&name)?.clone();
        Some((name, value))
    });
    let key = Value::Object(attributes.collect());
    (table, key.to_string())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
