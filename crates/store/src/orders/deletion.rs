//! What becomes of a customer's orders when the account is deleted: what is unpaid is called off, and every order is kept
//! without anything personal. Whoever begins it may die at any point; the schedule goes on from there.

use std::time::Duration;

use domain::{
    Order, OrderId, OrderStatus, Timestamp, UserId, order::Shipment, payment::StepKind,
    user::ACCESS_TOKEN_LIFE,
};

use super::{
    Checkout, OrderRecord, Orders,
    advance::{Actor, Advance, Change},
};
use crate::{
    answer::Remembered,
    db::Applied,
    error::Failure,
    item::{Item, json},
    keys,
    write::{Is, Write},
};

/// How long after a deletion orders may still turn up that were placed just before it: longer than any access token lives
/// and any index lags.
const LAST_LOOK: Duration = ACCESS_TOKEN_LIFE.saturating_add(Duration::from_secs(5 * 60));

impl Orders {
    /// The record that a customer's account is deleted: no order is placed or paid for them any more, and the schedule
    /// looks after what is left.
    pub(crate) fn deletion_of(&self, customer: &UserId, now: Timestamp) -> Write {
        let record = keys::deleted(customer)
            .with("deleted_at", now.as_millis())
            .with("due", keys::deletion_due(customer))
            .with("next_action_at", now.as_millis());
        Write::create(&self.table, record)
    }

    /// The customer's orders that must arrive, or be given back, before the account can go.
    pub(crate) async fn open_of(&self, customer: &UserId) -> Result<Vec<OrderId>, Failure> {
        let mut open = Vec::new();
        let mut start = None;
        loop {
            let (records, next) = self.all_of(customer, start).await?;
            let is_open = |record: &OrderRecord| {
                matches!(
                    record.order.status,
                    OrderStatus::Paid | OrderStatus::Shipped
                )
            };
            open.extend(
                records
                    .into_iter()
                    .filter(is_open)
                    .map(|record| record.order.id),
            );
            start = next;
            if start.is_none() {
                return Ok(open);
            }
        }
    }

    /// Takes everything personal out of an order: its address, the parcel's number, and both from the answers that are
    /// remembered. Done again, it changes nothing more.
    async fn depersonalise(&self, record: &OrderRecord) -> Result<(), Failure> {
        let order = &record.order;
        for key in answered_keys(record) {
            let key = keys::payment(&order.id, key);
            let Some(item) = self.db.get(&self.table, key.clone()).await? else {
                continue;
            };
            // What is no order is a refusal's answer, and holds nothing personal.
            let answered = serde_json::from_str::<Order>(&Remembered::read(&item)?.body);
            if let Ok(paid) = answered
                && paid.shipping_address.is_some()
            {
                self.db.write(self.forget_in(key, paid)).await.applied()?;
            }
        }
        let number = |shipment: &&Shipment| shipment.tracking_number.is_some();
        let shipment = order.shipment.as_ref().filter(number);
        if order.shipping_address.is_none() && shipment.is_none() {
            return Ok(());
        }
        let placed = serde_json::from_str(&record.answer);
        let placed = placed.unwrap_or_else(|_| order.clone());
        let mut forget = self.forget_in(keys::order(&order.id), placed);
        if let Some(Shipment { carrier, .. }) = shipment {
            let without = Shipment {
                carrier: carrier.clone(),
                tracking_number: None,
            };
            forget = forget.set("shipment", json(&without));
        }
        self.db.write(forget).await.applied().map(drop)
    }

    /// The write that makes a remembered answer be the same order without its address.
    fn forget_in(&self, key: Item, mut answered: Order) -> Write {
        answered.shipping_address = None;
        Write::update(&self.table, key)
            .set("answer", json(&answered))
            .only_if("pk", Is::Present)
    }
}

/// The keys of payments that were answered with the order.
fn answered_keys(record: &OrderRecord) -> impl Iterator<Item = &str> {
    let charged = record.steps.0.iter().filter_map(|step| match &step.kind {
        StepKind::Charge { key, .. } => Some(key.as_str()),
        StepKind::GiveBack { .. } => None,
    });
    charged.chain(record.paid_again_by.iter().map(String::as_str))
}

impl Checkout {
    /// Calls off what was not shipped to a deleted customer yet, takes what is personal out of all their orders, and
    /// notes when to look a last time.
    pub(crate) async fn forget(&self, customer: &UserId) -> Result<(), Failure> {
        let mut start = None;
        loop {
            let (records, next) = self.orders.all_of(customer, start).await?;
            for record in records {
                self.call_off(&record).await?;
                self.orders.depersonalise(&record).await?;
            }
            start = next;
            if start.is_none() {
                break;
            }
        }
        self.note_forgotten(customer).await
    }

    /// An unpaid order is cancelled. So is one that was paid in the very moment of the deletion: the money goes back.
    async fn call_off(&self, record: &OrderRecord) -> Result<(), Failure> {
        let (change, by) = match record.order.status {
            OrderStatus::Placed if record.order.is_overdue(self.orders.now()) => {
                (Change::Expire, Actor::System)
            }
            // Whoever deletes their account calls their orders off.
            OrderStatus::Placed | OrderStatus::Paid => {
                (Change::Cancel, Actor::Customer(record.customer.clone()))
            }
            _ => return Ok(()),
        };
        let advance = Advance { change, by };
        self.advance_if_possible(&record.order.id, &advance)
            .await
            .map(drop)
    }

    /// The record of the deletion is kept for a last look, and goes when that was taken.
    async fn note_forgotten(&self, customer: &UserId) -> Result<(), Failure> {
        let table = &self.orders.table;
        let Some(item) = self.db().get(table, keys::deleted(customer)).await? else {
            return Ok(());
        };
        let deleted_at = Timestamp::from_millis(item.number("deleted_at")?);
        let last_look = deleted_at.plus(LAST_LOOK);
        let key = keys::deleted(customer);
        let write = if last_look <= self.orders.now() {
            Write::delete(table, key)
        } else {
            Write::update(table, key)
                .set("next_action_at", last_look.as_millis())
                .only_if("pk", Is::Present)
        };
        self.db().write(write).await.applied().map(drop)
    }
}
