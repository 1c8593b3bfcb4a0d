//! What was bought.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Address, Money, OrderId, OrderStatus, ProductId, Timestamp,
    text::{FieldError, LINE, PROSE, line, prose},
};

/// How long stock is held for an order that is not paid.
pub const TIME_TO_PAY: Duration = Duration::from_secs(15 * 60);

/// An order as its owner and staff see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// Where it is in its life.
    pub status: OrderStatus,
    /// What was bought, at the offer it was bought at.
    pub items: Vec<LineItem>,
    /// The sum of the lines.
    pub total: Money,
    /// Where it goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_address: Option<Address>,
    /// When it was placed.
    pub created_at: Timestamp,
    /// When it expires unless it is paid.
    pub expires_at: Timestamp,
    /// Raised by every change.
    pub version: u64,
    /// Every status it had, oldest first.
    pub history: Vec<HistoryEntry>,
    /// What was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment: Option<Payment>,
    /// How it travels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipment: Option<Shipment>,
}

/// Pieces of one product in an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LineItem {
    /// The product.
    pub product_id: ProductId,
    /// Its name when it was bought.
    pub title: String,
    /// Pieces, 1 to 99.
    pub quantity: u32,
    /// Price of one piece when it was bought.
    pub unit_price: Money,
    /// `unit_price` times `quantity`.
    pub line_total: Money,
}

/// One step of an order's life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryEntry {
    /// The status it reached.
    pub status: OrderStatus,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Party,
}

/// Who moved an order on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Party {
    /// Its owner.
    Customer,
    /// The shop's people.
    Staff,
    /// The schedule.
    System,
}

/// What was paid for an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Payment {
    /// The provider's id of the charge.
    pub id: String,
    /// How much.
    pub amount: Money,
}

/// How an order travels. Also the body of `ship-order`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shipment {
    /// The carrier's name, 1 to 100 characters.
    #[schemars(length(min = 1, max = 100), regex(pattern = LINE))]
    pub carrier: String,
    /// The carrier's number for the parcel, 1 to 100 characters.
    #[schemars(length(min = 1, max = 100), regex(pattern = LINE))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking_number: Option<String>,
}

impl Shipment {
    /// The shipment, if both texts are within their limits.
    pub fn validated(self) -> Result<Self, FieldError> {
        Ok(Self {
            carrier: line("carrier", self.carrier, 100)?,
            tracking_number: self
                .tracking_number
                .map(|number| line("tracking_number", number, 100))
                .transpose()?,
        })
    }
}

/// How an order is paid back. Also the body of `refund-order`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Refund {
    /// Whether its pieces can be sold again.
    pub restock: bool,
    /// Why, for the shop's own people: 1 to 500 characters.
    #[schemars(length(min = 1, max = 500), regex(pattern = PROSE))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Refund {
    /// The refund, if its reason is within its limits.
    pub fn validated(self) -> Result<Self, FieldError> {
        let reason = self.reason.map(|reason| prose("reason", reason, 500));
        Ok(Self {
            reason: reason.transpose()?,
            ..self
        })
    }
}

impl Order {
    /// The order as it is to be shown at `now`: an unpaid one past its time is expired, even before the schedule came
    /// by.
    pub fn shown_at(mut self, now: Timestamp) -> Self {
        if self.is_overdue(now) {
            self.status = OrderStatus::Expired;
        }
        self
    }

    /// Whether it is unpaid and its time is over.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.status == OrderStatus::Placed && self.expires_at <= now
    }
}
