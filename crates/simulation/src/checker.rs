//! What must hold after every single write, checked as it happens: what the auditor finds at the end of the day, and at
//! which write it began.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use adversary::{Change, Commit};
use domain::{Bucket, Order, OrderId, OrderStatus, Product, ProductId, transition::TRANSITIONS};
use store::{
    catalogue::{bucket, product},
    error::Corrupt,
    keys::Key,
    orders::OrderRecord,
};

use crate::image;

/// The most violations that are told one by one.
const MOST_TOLD: usize = 20;

type BucketKey = (ProductId, u8);

/// The truth about stock and orders, write by write.
#[derive(Debug, Default)]
pub struct Checker {
    buckets: BTreeMap<BucketKey, Bucket>,
    /// Pieces of each bucket that orders hold.
    held: BTreeMap<BucketKey, i64>,
    orders: BTreeMap<OrderId, OrderRecord>,
    /// How many pieces of each product there were from when on.
    levels: BTreeMap<ProductId, Vec<(Duration, i64)>>,
    /// What each product was from when on.
    products: BTreeMap<ProductId, Vec<(Duration, Product)>>,
    steps: u64,
    violations: Vec<String>,
}

impl Checker {
    /// How many writes were checked.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// What did not hold, and when that began.
    pub fn violations(&self) -> &[String] {
        &self.violations
    }

    /// Every order, as it is.
    pub fn orders(&self) -> &BTreeMap<OrderId, OrderRecord> {
        &self.orders
    }

    /// Pieces of a product that can be ordered now.
    pub fn available(&self, product: &ProductId) -> i64 {
        self.buckets_of(product)
            .map(|bucket| bucket.available)
            .sum()
    }

    /// Pieces of a product that came in so far, less those that were taken out other than by orders.
    pub fn received(&self, product: &ProductId) -> i64 {
        self.buckets_of(product).map(|bucket| bucket.received).sum()
    }

    fn buckets_of(&self, product: &ProductId) -> impl Iterator<Item = &Bucket> {
        let buckets = self
            .buckets
            .range((product.clone(), 0)..=(product.clone(), u8::MAX));
        buckets.map(|(_, bucket)| bucket)
    }

    /// The fewest pieces of a product that there were at any moment of this time.
    pub fn fewest(&self, product: &ProductId, from: Duration, to: Duration) -> i64 {
        let levels = self.levels.get(product).map_or(&[][..], Vec::as_slice);
        let first = levels
            .partition_point(|(at, _)| *at <= from)
            .saturating_sub(1);
        let during = levels[first.min(levels.len())..].iter();
        let during = during.take_while(|(at, _)| *at <= to);
        during.map(|(_, level)| *level).min().unwrap_or_default()
    }

    /// What a product was from when on, oldest first.
    pub fn history_of(&self, product: &ProductId) -> &[(Duration, Product)] {
        self.products.get(product).map_or(&[], Vec::as_slice)
    }

    /// Checks one more write.
    pub(crate) fn check(&mut self, commit: &Commit) {
        self.steps += 1;
        let mut touched = BTreeSet::new();
        for change in &commit.changes {
            if let Err(corrupt) = self.take_in(commit.at, change, &mut touched) {
                self.violation(commit.at, format!("an item can't be read: {corrupt}"));
            }
        }
        for key in touched {
            let taken = self.buckets.get(&key).map_or(0, |bucket| bucket.taken);
            let held = self.held.get(&key).copied().unwrap_or_default();
            if taken != held {
                let detail = format!(
                    "{} #{}: {taken} are taken, orders hold {held}",
                    key.0, key.1
                );
                self.violation(commit.at, detail);
            }
            let level = self.available(&key.0);
            self.levels
                .entry(key.0)
                .or_default()
                .push((commit.at, level));
        }
    }

    fn take_in(
        &mut self,
        at: Duration,
        change: &Change,
        touched: &mut BTreeSet<BucketKey>,
    ) -> Result<(), Corrupt> {
        let Some(new) = change.new.as_deref().map(image::item) else {
            let old = image::item(change.old.as_deref().unwrap_or(&serde_json::Value::Null));
            if matches!(
                Key::of(&old)?,
                Key::Order(_) | Key::Bucket(..) | Key::Product(_)
            ) {
                self.violation(at, format!("an item of {} was deleted", change.table));
            }
            return Ok(());
        };
        match Key::of(&new)? {
            Key::Bucket(product, number) => {
                self.bucket(at, (product, number), bucket::read(&new)?, touched);
            }
            Key::Order(id) => self.order(at, id, OrderRecord::read(&new)?, touched),
            Key::Product(id) => {
                let product = product::read(&new)?;
                self.products.entry(id).or_default().push((at, product));
            }
            _ => {}
        }
        Ok(())
    }

    fn bucket(
        &mut self,
        at: Duration,
        key: BucketKey,
        now: Bucket,
        touched: &mut BTreeSet<BucketKey>,
    ) {
        let name = format!("{} #{}", key.0, key.1);
        let Bucket {
            available,
            taken,
            received,
            ..
        } = now;
        if available < 0 || taken < 0 || available + taken != received {
            self.violation(
                at,
                format!("{name}: {available} + {taken} is not {received}"),
            );
        }
        if let Some(before) = self.buckets.get(&key) {
            let level = |bucket: &Bucket| (bucket.available, bucket.taken, bucket.received);
            let expected = before.version + u64::from(level(before) != level(&now));
            let (was, is) = (before.version, now.version);
            let offers = (before.offer_version, now.offer_version);
            if is != expected && is != was + 1 {
                self.violation(at, format!("{name}: version {is} after {was}"));
            }
            if offers.1 < offers.0 {
                self.violation(at, format!("{name}: offer {} after {}", offers.1, offers.0));
            }
        }
        touched.insert(key.clone());
        self.buckets.insert(key, now);
    }

    fn order(
        &mut self,
        at: Duration,
        id: OrderId,
        now: OrderRecord,
        touched: &mut BTreeSet<BucketKey>,
    ) {
        let before = self.orders.remove(&id);
        match &before {
            None => {
                if now.order.status != OrderStatus::Placed || now.order.version != 1 {
                    self.violation(at, format!("{id} begins as {:?}", now.order.status));
                }
            }
            Some(before) => self.changed(at, &before.order, &now.order),
        }
        let sum: i64 = now
            .order
            .items
            .iter()
            .map(|line| line.line_total.amount)
            .sum();
        if sum != now.order.total.amount {
            self.violation(at, format!("{id}: its lines add up to {sum}"));
        }
        for (record, sign) in before.iter().map(|it| (it, -1)).chain([(&now, 1)]) {
            if !record.holds_stock() {
                continue;
            }
            for allocation in &record.allocations.0 {
                let line = record.order.items.get(usize::from(allocation.line));
                let Some(line) = line else { continue };
                let key = (line.product_id.clone(), allocation.bucket);
                *self.held.entry(key.clone()).or_default() += sign * i64::from(allocation.quantity);
                touched.insert(key);
            }
        }
        self.orders.insert(id, now);
    }

    fn changed(&mut self, at: Duration, before: &Order, now: &Order) {
        let id = &now.id;
        let moved = TRANSITIONS
            .iter()
            .any(|(from, _, to)| (*from, *to) == (before.status, now.status));
        if before.status != now.status && !moved {
            let (from, to) = (before.status.as_str(), now.status.as_str());
            self.violation(at, format!("{id} went from {from} to {to}"));
        }
        if now.version != before.version + 1 && now != before {
            let (was, is) = (before.version, now.version);
            self.violation(at, format!("{id}: version {is} after {was}"));
        }
        if (&before.items, before.total) != (&now.items, now.total) {
            self.violation(at, format!("{id}: what was bought has changed"));
        }
        if !now.history.starts_with(&before.history) {
            self.violation(at, format!("{id}: its history was rewritten"));
        }
    }

    fn violation(&mut self, at: Duration, what: String) {
        if self.violations.len() < MOST_TOLD {
            self.violations.push(format!("after {at:?}, {what}"));
        }
    }
}
