//! What becomes of a customer's orders when the account is deleted: what is unpaid is called off, and every order is kept
//! without anything personal. Whoever begins it may die at any point; the schedule goes on from there.

use std::time::Duration;

use domain::{
    Order, OrderId, OrderStatus, Timestamp, UserId, payment::StepKind, user::ACCESS_TOKEN_LIFE,
};

use super::{
    Checkout, OrderRecord, Orders,
    advance::{Actor, Advance, Change},
};
use crate::{
    answer::Remembered,
    db::Applied,
    error::{Corrupt, Failure},
    item::json,
    keys,
    retry::ATTEMPTS,
    write::{Is, Write},
};

/// How long after a deletion orders may still turn up that were placed just before it: longer than any access token lives
/// and any index lags.
const LAST_LOOK: Duration = ACCESS_TOKEN_LIFE.saturating_add(Duration::from_secs(5 * 60));

/// The most unpaid orders that a deletion's transaction looks at: DynamoDB allows 100 actions, four are its own.
const MOST_UNPAID: usize = 96;

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

    /// The write by which a transaction happens only while the account of this customer is not deleted.
    pub(crate) fn not_deleted(&self, customer: &UserId) -> Write {
        Write::check(&self.table, keys::deleted(customer)).only_if("pk", Is::Absent)
    }

    /// Whether the account of this customer is deleted.
    pub(crate) async fn is_deleted(&self, customer: &UserId) -> Result<bool, Failure> {
        let record = self.db.get(&self.table, keys::deleted(customer)).await?;
        Ok(record.is_some())
    }

    /// The customer's orders that must arrive, or be given back, before the account can go; and for each that is unpaid
    /// the write by which a transaction happens only while it is.
    pub(crate) async fn open_of(
        &self,
        customer: &UserId,
    ) -> Result<(Vec<OrderId>, Vec<Write>), Failure> {
        let mut open = Vec::new();
        let mut unpaid = Vec::new();
        let mut start = None;
        loop {
            let (records, next) = self.all_of(customer, start).await?;
            for record in records {
                let order = record?.order;
                match order.status {
                    OrderStatus::Paid | OrderStatus::Shipped => open.push(order.id),
                    OrderStatus::Placed => unpaid.push(
                        Write::check(&self.table, keys::order(&order.id))
                            .only_if("status", Is::Text(order.status.as_str().into())),
                    ),
                    _ => {}
                }
            }
            start = next;
            if start.is_none() {
                // There is room in a transaction for no more; who has as many unpaid orders pays none of them meanwhile.
                unpaid.truncate(MOST_UNPAID);
                return Ok((open, unpaid));
            }
        }
    }

    /// Takes everything personal out of an order: its address, the parcel's number and the words of a refund, also from
    /// the answers that are remembered. Done again, it changes nothing more.
    async fn depersonalise(&self, id: &OrderId) -> Result<(), Failure> {
        for _ in 0..ATTEMPTS {
            let Some(record) = self.find(id).await? else {
                return Ok(());
            };
            self.depersonalise_answers(&record).await?;
            let mut after = record.next();
            let order = forget_in(&mut after.order);
            let refund = after.refund.as_mut().and_then(|it| it.reason.take());
            if !order && refund.is_none() {
                return Ok(());
            }
            // The answer of the placing says no more of a person than the order does.
            let placed = serde_json::from_str(&record.answer);
            let mut placed = placed.unwrap_or_else(|_| record.order.clone());
            forget_in(&mut placed);
            let write = record.change_to(&after, &self.table);
            if self
                .db
                .write(write.set("answer", json(&placed)))
                .await
                .applied()?
            {
                return Ok(());
            }
        }
        Err(Failure::kept_changing("the order kept changing"))
    }

    async fn depersonalise_answers(&self, record: &OrderRecord) -> Result<(), Failure> {
        for key in answered_keys(record) {
            let key = keys::payment(&record.order.id, key);
            let Some(item) = self.db.get(&self.table, key.clone()).await? else {
                continue;
            };
            // What is no order is a refusal's answer, and holds nothing personal.
            let answered = serde_json::from_str::<Order>(&Remembered::read(&item)?.body);
            if let Ok(mut paid) = answered
                && forget_in(&mut paid)
            {
                let forget = Write::update(&self.table, key)
                    .set("answer", json(&paid))
                    .only_if("pk", Is::Present);
                self.db.write(forget).await.applied()?;
            }
        }
        Ok(())
    }
}

/// Takes the address and the parcel's number out of an order. True if there was one.
fn forget_in(order: &mut Order) -> bool {
    let address = order.shipping_address.take();
    let shipment = order.shipment.as_mut();
    let number = shipment.and_then(|shipment| shipment.tracking_number.take());
    address.is_some() || number.is_some()
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
    ///
    /// An order that can't be dealt with keeps none of the others: its failure is told at the end.
    pub(crate) async fn forget(&self, customer: &UserId) -> Result<(), Failure> {
        let mut failed = None;
        let mut start = None;
        loop {
            let (records, next) = self.orders.all_of(customer, start).await?;
            for record in records {
                if let Err(failure) = self.forget_order(record).await {
                    failed.get_or_insert(failure);
                }
            }
            start = next;
            if start.is_none() {
                break;
            }
        }
        match failed {
            Some(failure) => Err(failure),
            None => self.note_forgotten(customer).await,
        }
    }

    async fn forget_order(&self, record: Result<OrderRecord, Corrupt>) -> Result<(), Failure> {
        let record = record?;
        let called_off = self.call_off(&record).await;
        self.orders.depersonalise(&record.order.id).await?;
        called_off
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
