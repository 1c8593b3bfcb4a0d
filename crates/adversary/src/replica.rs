//! What reads see that need not be consistent, and all indexes: the tables as they were a little while ago.

use std::{collections::BTreeMap, time::Duration};

use dynoxide::Database;
use serde_json::{Value, json};

use crate::{commit::Image, engine, footprint::ItemKey};

/// A copy of the database that follows it with a lag. Writes of one item arrive in their order, those of different
/// items in any.
pub(crate) struct Replica {
    database: Database,
    /// What is on its way, by when it arrives.
    coming: BTreeMap<(Duration, u64), Change>,
    /// When the last change of an item arrives.
    latest: BTreeMap<ItemKey, Duration>,
    next: u64,
}

/// An item as it was after a write; `None` when it was gone.
struct Change {
    key: ItemKey,
    item: Option<Image>,
}

impl Replica {
    pub(crate) fn new(database: Database) -> Self {
        Self {
            database,
            coming: BTreeMap::new(),
            latest: BTreeMap::new(),
            next: 0,
        }
    }

    /// Does to the copy what concerns tables as such.
    pub(crate) fn follow(&self, operation: &str, body: &Value) {
        engine::carry_out(&self.database, operation, body.clone());
    }

    /// Notes that an item was written and when the copy will have it.
    pub(crate) fn note(&mut self, key: ItemKey, item: Option<Image>, arrives: Duration) {
        let before = self.latest.get(&key).copied().unwrap_or_default();
        let arrives = arrives.max(before);
        self.latest.insert(key.clone(), arrives);
        self.next += 1;
        let change = Change { key, item };
        self.coming.insert((arrives, self.next), change);
    }

    /// The answer of the copy as it is at `now`.
    pub(crate) fn read(&mut self, operation: &str, body: Value, now: Duration) -> engine::Answer {
        while let Some(entry) = self.coming.first_entry() {
            if entry.key().0 > now {
                break;
            }
            let Change { key, item } = entry.remove();
            self.write(&key, item.as_deref());
        }
        engine::carry_out(&self.database, operation, body)
    }

    fn write(&self, (table, key): &ItemKey, item: Option<&Value>) {
        let (operation, body) = match item {
            Some(item) => ("PutItem", json!({"TableName": table, "Item": item})),
            None => {
                let key: Value = serde_json::from_str(key).unwrap_or_default();
                ("DeleteItem", json!({"TableName": table, "Key": key}))
            }
        };
        engine::carry_out(&self.database, operation, body);
    }
}
