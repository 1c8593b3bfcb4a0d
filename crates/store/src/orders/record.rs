//! An order as an item.
//!
//! Its immutable part is the very answer its placing was given and the fingerprint of the request; beside it stands what changes.

use domain::{
    Allocations, Fingerprint, Order, OrderStatus, Timestamp, UserId,
    order::{HistoryEntry, Party, Payment, Refund, Shipment},
    payment::{Step, StepKind, StepState, Steps},
};
use serde::{Deserialize, Serialize};

use crate::{
    answer,
    error::Corrupt,
    item::{Item, json},
    keys,
    write::{Is, Write},
};

/// How long whoever began a step with the payment provider has to finish it before the schedule takes it over.
const STEP_GRACE: std::time::Duration = std::time::Duration::from_secs(30);

/// What the name of an attribute begins with that notes a further key; its digest follows.
const PAID_AGAIN_BY: &str = "paid_again_by:";

/// An order and everything kept with it.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderRecord {
    /// The order as it is now.
    pub order: Order,
    /// The version it had when it reached each status of its history.
    pub reached: Vec<u64>,
    /// Whose it is.
    pub customer: UserId,
    /// Of the request that placed it.
    pub fingerprint: Fingerprint,
    /// The body that request was answered with.
    pub answer: String,
    /// Where its pieces came from.
    pub allocations: Allocations,
    /// The version of the customer's cart that it ordered, if it ordered one.
    pub cart_version: Option<u64>,
    /// Steps with the payment provider.
    pub steps: Steps,
    /// How it was paid back.
    pub refund: Option<Refund>,
    /// Digests of further Idempotency-Keys under which the request that paid it was repeated.
    pub paid_again_by: Vec<String>,
}

/// An entry of an order's history as it is kept: with the version that the order had from then on, by which the event
/// about it is known.
#[derive(Serialize, Deserialize)]
struct Reached {
    #[serde(flatten)]
    entry: HistoryEntry,
    version: u64,
}

impl OrderRecord {
    /// The record of an order that is about to be placed.
    pub(crate) fn placed(
        order: Order,
        customer: UserId,
        fingerprint: Fingerprint,
        allocations: Allocations,
        cart_version: Option<u64>,
    ) -> Self {
        Self {
            answer: json(&order),
            cart_version,
            reached: vec![order.version; order.history.len()],
            order,
            customer,
            fingerprint,
            allocations,
            steps: Steps::default(),
            refund: None,
            paid_again_by: Vec::new(),
        }
    }

    /// The item of an order that is about to be placed.
    pub(crate) fn item(&self) -> Item {
        let order = &self.order;
        keys::order(&order.id)
            .with("answer", self.answer.as_str())
            .with("fingerprint", self.fingerprint.as_bytes().as_slice())
            .with("allocations", self.allocations.to_string())
            .with_some("cart_version", self.cart_version)
            .with("customer", self.customer.as_str())
            .with("day", keys::order_day(&order.id, order.created_at.day()))
            .with("day_status", day_status(order))
            .with("due", keys::order_due(&order.id))
            .with("next_action_at", order.expires_at.as_millis())
            .with("created_at", order.created_at.as_millis())
            .with("expires_at", order.expires_at.as_millis())
            .with("status", order.status.as_str())
            .with("version", order.version)
    }

    /// The record that an item holds.
    pub fn read(item: &Item) -> Result<Self, Corrupt> {
        let answer = item.text("answer")?.to_owned();
        let placed: Order = serde_json::from_str(&answer).map_err(|_| item.corrupt("answer"))?;
        let mut history = placed.history.clone();
        let mut reached = vec![placed.version; history.len()];
        let since = item.json::<Vec<Reached>>("history")?;
        for Reached { entry, version } in since.unwrap_or_default() {
            history.push(entry);
            reached.push(version);
        }
        Ok(Self {
            reached,
            order: Order {
                status: item.parsed("status", OrderStatus::parse)?,
                version: item.number("version")?,
                created_at: Timestamp::from_millis(item.number("created_at")?),
                expires_at: Timestamp::from_millis(item.number("expires_at")?),
                history,
                payment: item.json::<Payment>("payment")?,
                shipment: item.json::<Shipment>("shipment")?,
                ..placed
            },
            customer: item.parsed("customer", UserId::parse)?,
            fingerprint: answer::fingerprint(item)?,
            allocations: item.parsed("allocations", |text| text.parse().ok())?,
            cart_version: item.number_if_any("cart_version")?,
            steps: item.json("steps")?.unwrap_or_default(),
            refund: item.json("refund")?,
            paid_again_by: item.names_after(PAID_AGAIN_BY),
            answer,
        })
    }

    /// When the schedule has to look at it next, if ever.
    pub fn next_action_at(&self) -> Option<Timestamp> {
        let step = |step: &Step| match step.kind {
            StepKind::Charge { .. } => step.at.plus(STEP_GRACE),
            StepKind::GiveBack { .. } => step.at,
        };
        let expiry = (self.order.status == OrderStatus::Placed).then_some(self.order.expires_at);
        self.steps.pending().map(step).chain(expiry).min()
    }

    /// The write that makes this record, read at its version, be `after`; it happens only if nobody changed it since.
    pub(crate) fn change_to(&self, after: &Self, table: &str) -> Write {
        let order = &after.order;
        let due = after.next_action_at();
        Write::update(table, keys::order(&order.id))
            .set("status", order.status.as_str())
            .set("version", order.version)
            .set("history", json(&after.since_placed()))
            .set("day_status", day_status(order))
            .set("steps", json(&after.steps))
            .set_or_remove("payment", order.payment.as_ref().map(json))
            .set_or_remove("shipment", order.shipment.as_ref().map(json))
            .set_or_remove("refund", after.refund.as_ref().map(json))
            .set_or_remove("due", due.map(|_| keys::order_due(&order.id)))
            .set_or_remove("next_action_at", due.map(Timestamp::as_millis))
            .only_if("status", Is::Text(self.order.status.as_str().to_owned()))
            .only_if("version", Is::Number(self.order.version))
    }

    /// The write that notes a further key under which the request that paid it was repeated. It changes nothing of the
    /// order, so its version stays; each key is an attribute of its own, so that none is lost.
    pub(crate) fn paid_again(&self, key: &str, table: &str) -> Write {
        Write::update(table, keys::order(&self.order.id))
            .set(&format!("{PAID_AGAIN_BY}{key}"), true)
            .only_if("version", Is::Number(self.order.version))
    }

    /// Its history but for the placing, which is part of the answer.
    fn since_placed(&self) -> Vec<Reached> {
        let entries = self.order.history.iter().cloned().zip(&self.reached);
        let since = entries.skip(1).map(|(entry, version)| Reached {
            entry,
            version: *version,
        });
        since.collect()
    }

    /// Notes that it reaches a status, with the version that it has now.
    pub(crate) fn reach(&mut self, status: OrderStatus, at: Timestamp, by: Party) {
        let at = at.to_second();
        self.order.status = status;
        self.order.history.push(HistoryEntry { status, at, by });
        self.reached.push(self.order.version);
    }

    /// The record with the next version number, ready to be changed.
    pub(crate) fn next(&self) -> Self {
        let mut next = self.clone();
        next.order.version += 1;
        next
    }

    /// What it becomes when step `number` has come to this.
    pub fn with_step(&self, number: u32, state: StepState) -> Self {
        let mut after = self.next();
        after.steps.settle(number, state);
        after
    }

    /// Whether it still waits to be paid.
    pub fn is_payable(&self, now: Timestamp) -> bool {
        self.order.status == OrderStatus::Placed && !self.order.is_overdue(now)
    }

    /// Steps that the schedule has to finish. A charge is left to whoever makes it for a while, unless the order is
    /// gone; what is owed back is due at once.
    pub fn due_steps(&self, now: Timestamp) -> impl Iterator<Item = &Step> {
        let abandoned = self.next_action_at().is_some_and(|at| at <= now)
            || self.order.status != OrderStatus::Placed;
        let is_due =
            move |step: &&Step| matches!(step.kind, StepKind::GiveBack { .. }) || abandoned;
        self.steps.pending().filter(is_due)
    }

    /// Whether its pieces are taken from stock: until they are given back, or for good when it was refunded without
    /// them.
    pub fn holds_stock(&self) -> bool {
        match self.order.status {
            OrderStatus::Cancelled | OrderStatus::Expired => false,
            OrderStatus::Refunded => !self.refund.as_ref().is_some_and(|refund| refund.restock),
            _ => true,
        }
    }

    /// The order as it is to be shown.
    pub fn shown_at(self, now: Timestamp) -> Order {
        self.order.shown_at(now)
    }
}

fn day_status(order: &Order) -> String {
    keys::order_day_status(&order.id, order.created_at.day(), order.status)
}
