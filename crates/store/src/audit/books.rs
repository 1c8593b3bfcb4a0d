//! Everything a shop's tables hold, read as values.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Bucket, Movement, OrderId, OrderStatus, Product, ProductId, UserId};

use super::{Finding, Pace, finding};
use crate::{
    Db,
    bus::built_in,
    carts::item::CartRecord,
    catalogue::{BucketKey, bucket, movement, product},
    error::{Corrupt, Failure},
    item::Item,
    keys::Key,
    orders::OrderRecord,
};

/// The tables of a shop.
#[derive(Clone, Debug)]
pub struct Tables {
    /// Products and stock.
    pub catalogue: String,
    /// Carts.
    pub carts: String,
    /// Orders.
    pub orders: String,
    /// The built-in event bus's log, where there is one.
    pub bus: Option<String>,
    /// The built-in payment provider's ledger, where there is one.
    pub provider: Option<String>,
}

/// A line of the provider's ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Minor units.
    pub amount: i64,
    /// The charge it gives back, for a refund.
    pub charge: Option<String>,
}

/// What the tables hold.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// Products.
    pub products: BTreeMap<ProductId, Product>,
    /// Buckets of stock.
    pub buckets: BTreeMap<BucketKey, Bucket>,
    /// Movements of each bucket by the version they led to.
    pub movements: BTreeMap<BucketKey, BTreeMap<u64, Movement>>,
    /// Carts.
    pub carts: BTreeMap<UserId, CartRecord>,
    /// Orders.
    pub orders: BTreeMap<OrderId, OrderRecord>,
    /// Where and when each order with work to do is listed: part of the index, milliseconds.
    pub due: BTreeMap<OrderId, (String, i64)>,
    /// In which part of the index by day and status each order is listed.
    pub day_status: BTreeMap<OrderId, String>,
    /// When each deletion with work to do is due, in milliseconds.
    pub deletions: BTreeMap<UserId, i64>,
    /// The statuses that the event bus was told of, by order and version.
    pub events: BTreeMap<OrderId, BTreeMap<u64, OrderStatus>>,
    /// Whether there is a log of events to compare with.
    pub has_bus: bool,
    /// Charges the provider made, by their keys; absent where there is no ledger to read.
    pub charges: BTreeMap<String, Entry>,
    /// What the provider gave back, by its keys.
    pub refunds: BTreeMap<String, Entry>,
    /// Whether there is a ledger to compare with.
    pub has_ledger: bool,
}

impl Books {
    /// Reads all tables. An item that can't be read is a finding.
    pub async fn read(
        pace: Pace,
        db: &Db,
        tables: &Tables,
        findings: &mut BTreeSet<Finding>,
    ) -> Result<Self, Failure> {
        let mut books = Self {
            has_ledger: tables.provider.is_some(),
            has_bus: tables.bus.is_some(),
            ..Self::default()
        };
        let all = [
            Some(&tables.catalogue),
            Some(&tables.carts),
            Some(&tables.orders),
            tables.bus.as_ref(),
            tables.provider.as_ref(),
        ];
        for table in all.into_iter().flatten() {
            let mut start = None;
            loop {
                let page = db.scan(table, start).await?;
                for item in &page.items {
                    if let Err(corrupt) = books.add(item) {
                        findings.insert(finding(
                            &corrupt.item,
                            "an item can be read",
                            corrupt.attribute,
                        ));
                    }
                }
                start = page.next;
                if start.is_none() {
                    break;
                }
                pace.rest().await;
            }
        }
        Ok(books)
    }

    /// The movements of a bucket, of which there may be none.
    pub(super) fn movements_of(&self, key: &BucketKey) -> &BTreeMap<u64, Movement> {
        static NONE: BTreeMap<u64, Movement> = BTreeMap::new();
        self.movements.get(key).unwrap_or(&NONE)
    }

    /// The statuses of an order that the bus was told of, by its versions; there may be none.
    pub(super) fn told_of(&self, order: &OrderId) -> &BTreeMap<u64, OrderStatus> {
        static NONE: BTreeMap<u64, OrderStatus> = BTreeMap::new();
        self.events.get(order).unwrap_or(&NONE)
    }

    fn add(&mut self, item: &Item) -> Result<(), Corrupt> {
        match Key::of(item)? {
            Key::Product(id) => {
                self.products.insert(id, product::read(item)?);
            }
            Key::Bucket(product, number) => {
                self.buckets.insert((product, number), bucket::read(item)?);
            }
            Key::Movement(product, number) => {
                let of_bucket = self.movements.entry((product, number)).or_default();
                of_bucket.insert(item.number("version")?, movement::read(item)?);
            }
            Key::Cart(subject) => {
                self.carts.insert(subject, CartRecord::read(item)?);
            }
            Key::Order(id) => {
                if let Some(at) = item.number_if_any("next_action_at")? {
                    let part = item.text_if_any("due")?.unwrap_or_default();
                    self.due.insert(id.clone(), (part.to_owned(), at));
                }
                let part = item.text_if_any("day_status")?.unwrap_or_default();
                self.day_status.insert(id.clone(), part.to_owned());
                let mut record = OrderRecord::read(item)?;
                // No rule looks at it, and it is the longest that an order has.
                record.answer = String::new();
                self.orders.insert(id, record);
            }
            Key::Deleted(customer) => {
                let at = item.number("next_action_at")?;
                self.deletions.insert(customer, at);
            }
            Key::Event => {
                let event = built_in::read(item)?.event;
                let of_order = self.events.entry(event.order_id).or_default();
                of_order.insert(event.version, event.status);
            }
            Key::Charge(key) if item.text("state")? == "charged" => {
                self.charges.insert(key, entry(item)?);
            }
            Key::Refund(key) => {
                self.refunds.insert(key, entry(item)?);
            }
            Key::Charge(_) | Key::Missed(..) | Key::Other => {}
        }
        Ok(())
    }
}

fn entry(item: &Item) -> Result<Entry, Corrupt> {
    Ok(Entry {
        amount: item.number("amount")?,
        charge: item.text_if_any("charge")?.map(str::to_owned),
    })
}
