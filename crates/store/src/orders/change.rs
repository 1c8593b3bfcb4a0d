//! What happened to an order, made from the table's own stream for whoever listens to the event bus.

use domain::{Money, OrderId, OrderStatus, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::OrderRecord;
use crate::{error::Corrupt, item::Item};

/// That an order reached a status. It holds ids and a sum, and nothing of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderChange {
    /// `<order>#<version>`: the same change has the same id, however often it is told.
    pub id: String,
    /// `order.placed`, `order.paid` and so on.
    #[serde(rename = "type")]
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
        let OrderRecord {
            order, customer, ..
        } = OrderRecord::read(new)?;
        let at = order
            .history
            .last()
            .map_or(order.created_at, |entry| entry.at);
        Ok(Some(Self {
            id: format!("{}#{}", order.id, order.version),
            kind: format!("order.{}", order.status.as_str()),
            at,
            order_id: order.id,
            customer_id: customer,
            status: order.status,
            version: order.version,
            total: order.total,
        }))
    }
}
