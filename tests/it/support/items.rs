//! Items as they lie in the tables, for what no operation shows.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Timestamp, payment::Steps};

use super::{TestShop, shop::NAME};

/// An item.
pub type Item = HashMap<String, AttributeValue>;

/// What the payment provider did with an order's money.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Charges that were made.
    pub charged: usize,
    /// Charges that were declined.
    pub declined: usize,
    /// Charges that were given back.
    pub given_back: usize,
}

impl TestShop {
    /// Every item of a table.
    pub async fn items(&self, table: &str) -> Vec<Item> {
        let scan = self.dynamodb.client().scan();
        let pages = scan.table_name(format!("{NAME}-{table}")).into_paginator();
        let items: Result<Vec<_>, _> = pages.items().send().collect().await;
        items.unwrap()
    }

    /// What an order is in its table.
    pub async fn order_item(&self, order: &str) -> Item {
        let pk = format!("ORDER#{order}");
        let items = self.items("orders").await;
        items.into_iter().find(|it| text(it, "pk") == pk).unwrap()
    }

    /// From which buckets an order's pieces came: `line:bucket:pieces`, separated by commas.
    pub async fn allocations(&self, order: &str) -> String {
        text(&self.order_item(order).await, "allocations").to_owned()
    }

    /// What the provider did for an order.
    pub async fn ledger(&self, order: &str) -> Ledger {
        let mut ledger = Ledger::default();
        for item in self.items("provider").await {
            let pk = text(&item, "pk");
            if pk.starts_with(&format!("REFUND#{order}#")) {
                ledger.given_back += 1;
            } else if pk.starts_with(&format!("CHARGE#{order}#")) {
                match text(&item, "state") {
                    "charged" => ledger.charged += 1,
                    "declined" => ledger.declined += 1,
                    _ => {}
                }
            }
        }
        ledger
    }

    /// Lets the time be over in which whoever began a charge of this order may finish it.
    pub async fn abandon_charge(&self, order: &str) {
        let pk = format!("ORDER#{order}");
        let item = self.order_item(order).await;
        let mut steps: Steps = serde_json::from_str(text(&item, "steps")).unwrap();
        for step in &mut steps.0 {
            step.at = Timestamp::from_millis(step.at.as_millis() - 60_000);
        }
        let steps_text = serde_json::to_string(&steps).unwrap();
        self.set_text("orders", &pk, "steps", &steps_text).await;
        let due = item["next_action_at"]
            .as_n()
            .unwrap()
            .parse::<i64>()
            .unwrap()
            - 60_000;
        self.set_number("orders", &pk, "next_action_at", due).await;
    }

    /// Lets an order have been placed at this time, in milliseconds, and so be listed on its day.
    pub async fn date(&self, order: &str, at: i64) {
        let pk = format!("ORDER#{order}");
        let item = self.order_item(order).await;
        let day = Timestamp::from_millis(at).day().number();
        for name in ["day", "day_status"] {
            let listed = text(&item, name);
            let mut parts: Vec<&str> = listed.split('#').collect();
            let day = day.to_string();
            parts[1] = &day;
            self.set_text("orders", &pk, name, &parts.join("#")).await;
        }
        self.set_number("orders", &pk, "created_at", at).await;
    }

    /// Deletes an item by hand.
    pub async fn delete(&self, table: &str, pk: &str) {
        let delete = self.dynamodb.client().delete_item();
        let delete = delete.table_name(format!("{NAME}-{table}"));
        let delete = delete.key("pk", AttributeValue::S(pk.to_owned()));
        delete.send().await.unwrap();
    }

    /// Lets a movement of a product's first bucket never have been written down.
    pub async fn forget_movement(&self, product: &str, version: u64) {
        let delete = self.dynamodb.client().delete_item();
        let delete = delete.table_name(format!("{NAME}-catalogue"));
        let pk = AttributeValue::S(format!("STOCK#{product}"));
        let sk = AttributeValue::S(format!("MOVE#00#{version:016}"));
        let delete = delete.key("pk", pk).key("sk", sk);
        delete.send().await.unwrap();
    }

    /// Puts an item by hand.
    pub async fn put_item(&self, table: &str, item: Item) {
        let put = self.dynamodb.client().put_item();
        let put = put.table_name(format!("{NAME}-{table}"));
        put.set_item(Some(item)).send().await.unwrap();
    }

    /// The record that a customer's account is deleted.
    pub async fn deletion_item(&self, customer: &str) -> Item {
        let pk = format!("DELETED#{customer}");
        let items = self.items("orders").await;
        items.into_iter().find(|it| text(it, "pk") == pk).unwrap()
    }

    /// Lets the time come for the last look at a deleted customer's orders, and takes it: it ends with the record.
    pub async fn last_look(&self, customer: &str) {
        let pk = format!("DELETED#{customer}");
        let now = super::now().as_millis();
        let long_ago = now - 16 * 60 * 1000;
        self.set_number("orders", &pk, "deleted_at", long_ago).await;
        self.set_number("orders", &pk, "next_action_at", now).await;
        assert_eq!(self.settle().await["deletions"], 1);
        let items = self.items("orders").await;
        assert!(items.iter().all(|it| text(it, "pk") != pk));
    }

    /// Lets the provider never have heard of this order.
    pub async fn forget_charges(&self, order: &str) {
        let prefix = format!("CHARGE#{order}#");
        for item in self.items("provider").await {
            if text(&item, "pk").starts_with(&prefix) {
                self.delete("provider", text(&item, "pk")).await;
            }
        }
    }

    /// Changes a text of an item by hand.
    pub async fn set_text(&self, table: &str, pk: &str, name: &str, value: &str) {
        let update = self.dynamodb.client().update_item();
        let update = update.table_name(format!("{NAME}-{table}"));
        let update = update
            .key("pk", AttributeValue::S(pk.to_owned()))
            .update_expression("SET #n = :v")
            .expression_attribute_names("#n", name)
            .expression_attribute_values(":v", AttributeValue::S(value.to_owned()));
        update.send().await.unwrap();
    }
}

/// A text of an item; empty if it has none of this name.
pub fn text<'i>(item: &'i Item, name: &str) -> &'i str {
    item.get(name)
        .and_then(|value| value.as_s().ok())
        .map_or("", String::as_str)
}
