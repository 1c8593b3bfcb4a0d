//! What happened to an order, for whoever listens to the event bus: as the table's own stream tells it, or anew from what
//! the order remembers.

use domain::{Money, OrderId, OrderStatus, Timestamp, UserId};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::OrderRecord;
use crate::{error::Corrupt, item::Item};

/// That an order reached a status. It holds ids and a sum, and nothing of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderChange {
    /// `<order>#<version>`: the same change has the same id, however often it is told.
    #[schemars(regex(pattern = "^ord_[a-z2-7]{26}#[1-9][0-9]*$"))]
    pub id: String,
    /// `order.` and the status that it reached.
    #[serde(rename = "type")]
    #[schemars(schema_with = "kinds")]
    pub kind: String,
    /// When.
    pub at: Timestamp,
    /// The order.
    pub order_id: OrderId,
    /// Whose it is.
    pub customer_id: UserId,
    /// The status it reached.
    pub status: OrderStatus,
    /// The order's version with it. A later change of one order has a higher one.
    #[schemars(range(min = 1))]
    pub version: u64,
    /// What the order costs.
    pub total: Money,
}

impl OrderChange {
    /// The change of status between two images of an order; `None` when it kept its status, as while it is being paid.
    pub fn between(old: Option<&Item>, new: &Item) -> Result<Option<Self>, Corrupt> {
        let old_status = old.map(|old| old.text("status")).transpose()?;
        if old_status == Some(new.text("status")?) {
            return Ok(None);
        }
        let last = Self::all_of(&OrderRecord::read(new)?).pop();
        last.map(Some).ok_or_else(|| new.corrupt("history"))
    }

    /// Every change of status that an order went through, oldest first: the same, to the byte, that its stream told of.
    pub fn all_of(record: &OrderRecord) -> Vec<Self> {
        let order = &record.order;
        let reached = order.history.iter().zip(&record.reached);
        let changes = reached.map(|(entry, version)| Self {
            id: format!("{}#{version}", order.id),
            kind: kind(entry.status),
            at: entry.at,
            order_id: order.id.clone(),
            customer_id: record.customer.clone(),
            status: entry.status,
            version: *version,
            total: order.total,
        });
        changes.collect()
    }
}

fn kind(status: OrderStatus) -> String {
    format!("order.{}", status.as_str())
}

fn kinds(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "enum": OrderStatus::ALL.map(kind)})
}

#[cfg(test)]
mod tests {
    use domain::order::Party;
    use serde_json::{Value, json};

    use super::*;
    use crate::golden;

    const NOW: Timestamp = Timestamp::from_millis(1_795_388_231_123);

    #[test]
    fn what_an_order_remembers_is_what_its_stream_told_of() {
        let mut record = golden::order();
        let mut item = record.item();
        let mut told = vec![OrderChange::between(None, &item).unwrap().unwrap()];
        let mut history = Vec::new();
        // What changes no status in between raises the version, too.
        for (version, status) in [(3, OrderStatus::Paid), (5, OrderStatus::Cancelled)] {
            record.order.version = version;
            record.reach(status, NOW, Party::Customer);
            history.push(json!({
                "status": status, "at": "2026-11-22T22:57:11Z", "by": "customer", "version": version,
            }));
            let before = item.clone();
            item = item
                .with("history", json!(history).to_string())
                .with("status", status.as_str())
                .with("version", version);
            let change = OrderChange::between(Some(&before), &item).unwrap();
            told.push(change.unwrap());
        }
        let kept = OrderRecord::read(&item).unwrap();
        assert_eq!(kept.reached, [1, 3, 5]);
        assert_eq!(OrderChange::all_of(&kept), told);
        let ids: Vec<&str> = told.iter().map(|change| change.id.as_str()).collect();
        let of = |version| format!("{}#{version}", kept.order.id);
        assert_eq!(ids, [of(1), of(3), of(5)]);

        // And that is how it is written.
        let update = golden::order().change_to(&record, "orders");
        let values = update.values().unwrap().into_values();
        let texts = values.filter_map(|value| value.as_s().ok().cloned());
        let mut read = texts.filter_map(|text| serde_json::from_str::<Value>(&text).ok());
        assert!(read.any(|read| read == json!(history)));
    }

    #[test]
    fn an_event_is_called_after_its_status() {
        let mut record = golden::order();
        for (version, status) in (2..).zip(OrderStatus::ALL) {
            record.order.version = version;
            record.reach(status, NOW, Party::System);
        }
        let changes = OrderChange::all_of(&record);
        assert_eq!(changes.len(), 1 + OrderStatus::ALL.len());
        for change in changes {
            assert_eq!(change.kind, format!("order.{}", change.status.as_str()));
        }
    }
}
