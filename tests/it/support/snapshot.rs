//! Everything a shop's tables hold, to show that a refused request changed nothing.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::TestShop;

/// Every item of every table, by table and key. Items are texts, so that a difference is readable.
pub type Snapshot = BTreeMap<String, String>;

impl TestShop {
    /// What the tables hold now, but for the counts of tries.
    pub async fn snapshot(&self) -> Snapshot {
        self.snapshot_of(|_| true).await
    }

    /// What the users table holds now.
    pub async fn users_table(&self) -> Snapshot {
        self.snapshot_of(|table| table == "UsersTable").await
    }

    async fn snapshot_of(&self, wanted: impl Fn(&str) -> bool) -> Snapshot {
        let mut snapshot = Snapshot::new();
        let tables = self.template.tables();
        for table in tables.filter(|table| wanted(&table.logical_id)) {
            let pages = self.dynamodb.client().scan().table_name(&table.name);
            let mut items = pages.into_paginator().items().send();
            while let Some(item) = items.next().await {
                let item: BTreeMap<String, AttributeValue> = item.unwrap().into_iter().collect();
                let key = format!("{} {:?} {:?}", table.name, item.get("pk"), item.get("sk"));
                if !key.contains("THROTTLE#") {
                    snapshot.insert(key, format!("{item:?}"));
                }
            }
        }
        snapshot
    }

    /// That the tables hold what they held then.
    pub async fn assert_unchanged(&self, before: &Snapshot) {
        let after = self.snapshot().await;
        for (key, item) in before {
            assert_eq!(Some(item), after.get(key), "{key} changed");
        }
        for key in after.keys() {
            assert!(before.contains_key(key), "{key} came into being");
        }
    }
}
