//! Every item of every table as it is, told at every write: the truth that production code has no part in.

use std::collections::BTreeMap;

use adversary::{Change, Commit, Image, Shared};
use serde_json::Value;

use crate::{Shop, shop::NAME};

/// All items, by table and primary key.
#[derive(Clone, Debug, Default)]
pub struct Items(Shared<BTreeMap<(String, String), Item>>);

/// An item.
#[derive(Clone, Debug, PartialEq)]
pub struct Item(Image);

impl Items {
    /// The items of a shop, from now on: what was written before is not known.
    pub fn of(shop: &Shop) -> Self {
        let items = Self::default();
        let told = items.clone();
        shop.world().watch(move |commit| told.take_in(commit));
        items
    }

    /// The items of a table, given by its name without the shop's, whose partition key begins so; in the order of keys.
    pub fn all(&self, table: &str, prefix: &str) -> Vec<Item> {
        let table = format!("{NAME}-{table}");
        let first = (table.clone(), prefix.to_owned());
        self.0.with(|items| {
            let those = items
                .range(first..)
                .take_while(|((of, key), _)| *of == table && key.starts_with(prefix));
            those.map(|(_, item)| item.clone()).collect()
        })
    }

    /// The item with this partition key in a table whose items have no other.
    pub fn get(&self, table: &str, key: &str) -> Option<Item> {
        let items = self.all(table, key);
        items.into_iter().find(|item| item.text("pk") == key)
    }

    fn take_in(&self, commit: &Commit) {
        for Change { table, old, new } in &commit.changes {
            let Some(any) = new.as_ref().or(old.as_ref()).cloned().map(Item) else {
                continue;
            };
            let key = format!("{}\0{}", any.text("pk"), any.text("sk"));
            let key = (table.clone(), key);
            self.0.with(|items| match new {
                Some(_) => items.insert(key, any),
                None => items.remove(&key),
            });
        }
    }
}

impl From<&Image> for Item {
    fn from(image: &Image) -> Self {
        Self(image.clone())
    }
}

impl Item {
    /// A text; empty if it has none of this name.
    pub fn text(&self, name: &str) -> &str {
        self.0[name]["S"].as_str().unwrap_or_default()
    }

    /// A number; none if it has none of this name.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.0[name]["N"].as_str()?.parse().ok()
    }

    /// A truth; false if it has none of this name.
    pub fn truth(&self, name: &str) -> bool {
        self.0[name]["BOOL"].as_bool().unwrap_or_default()
    }

    /// A text that is JSON; null if it has none of this name.
    pub fn json(&self, name: &str) -> Value {
        serde_json::from_str(self.text(name)).unwrap_or_default()
    }

    /// Whether it has an attribute of this name.
    pub fn has(&self, name: &str) -> bool {
        !self.0[name].is_null()
    }
}
