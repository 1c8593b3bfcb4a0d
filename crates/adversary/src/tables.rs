//! How tables were declared.

use std::collections::BTreeMap;

use serde_json::Value;

/// All tables by their names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tables(BTreeMap<String, Table>);

/// A table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    /// Names of its partition key and, if it has one, its sort key.
    pub(crate) key: Vec<String>,
    /// Its indexes by their names.
    pub(crate) indexes: BTreeMap<String, Index>,
}

/// A global secondary index.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    /// Names of its partition key and, if it has one, its sort key.
    pub(crate) key: Vec<String>,
    /// Names of the attributes it holds beside the keys; none is all of them.
    pub(crate) projected: Option<Vec<String>>,
}

impl Tables {
    /// Notes a table that is about to be created by this request.
    pub(crate) fn declare(&mut self, request: &Value) {
        let indexes = list(&request["GlobalSecondaryIndexes"]).iter();
        let indexes = indexes.map(|index| {
            let projection = &index["Projection"];
            let projected = (projection["ProjectionType"] != "ALL")
                .then(|| list(&projection["NonKeyAttributes"]).iter().map(text));
            let index_declared = Index {
                key: key(&index["KeySchema"]),
                projected: projected.map(Iterator::collect),
            };
            (text(&index["IndexName"]), index_declared)
        });
        let table = Table {
            key: key(&request["KeySchema"]),
            indexes: indexes.collect(),
        };
        self.0.insert(text(&request["TableName"]), table);
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Table> {
        self.0.get(name)
    }

    /// The names of a table's key attributes.
    pub(crate) fn key_of(&self, table: &str) -> &[String] {
        self.get(table).map_or(&[], |table| &table.key)
    }
}

fn key(schema: &Value) -> Vec<String> {
    let parts = list(schema).iter();
    parts.map(|part| text(&part["AttributeName"])).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
