//! Rules of stock: buckets balance, agree with orders and with their movements, and sell at their product's offer.

use std::collections::BTreeMap;

use domain::{CauseKind, Movement};

use super::{Finding, books::Books, finding};
use crate::catalogue::BucketKey;

/// The rule of a bucket and the orders that hold its pieces.
pub(super) const TAKEN: &str = "what is taken is what orders hold";
/// The rule of a bucket and its movements.
pub(super) const LEVEL: &str = "movements add up to the level";

/// What a bucket is called in a finding.
pub(super) fn name((product, number): &BucketKey) -> String {
    format!("STOCK#{product}#{number}")
}

pub(super) fn findings(books: &Books) -> Vec<Finding> {
    let mut findings = Vec::new();
    let held = held(books, &mut findings);
    for (key, bucket) in &books.buckets {
        let name = name(key);
        if bucket.available + bucket.taken != bucket.received
            || bucket.available < 0
            || bucket.taken < 0
        {
            let detail = format!(
                "{} + {} is not {}",
                bucket.available, bucket.taken, bucket.received
            );
            findings.push(finding(
                &name,
                "available + taken = received, none negative",
                detail,
            ));
        }
        let by_orders = held.get(key).copied().unwrap_or_default();
        if bucket.taken != by_orders {
            let detail = format!("taken {}, held by orders {by_orders}", bucket.taken);
            findings.push(finding(&name, TAKEN, detail));
        }
        match books.products.get(&key.0) {
            Some(product) if product.offer_version == bucket.offer_version => {}
            Some(product) => {
                let detail = format!(
                    "version {} of {}",
                    bucket.offer_version, product.offer_version
                );
                findings.push(finding(
                    &name,
                    "a bucket sells at its product's offer",
                    detail,
                ));
            }
            None => findings.push(finding(&name, "a bucket has a product", "there is none")),
        }
        findings.extend(movements(books, key, &name));
    }
    for product in books.products.values() {
        for number in 0..product.buckets_ever {
            if !books.buckets.contains_key(&(product.id.clone(), number)) {
                findings.push(finding(
                    name(&(product.id.clone(), number)),
                    "no bucket is ever removed",
                    "it is not there",
                ));
            }
        }
    }
    for key in held.keys().filter(|key| !books.buckets.contains_key(*key)) {
        findings.push(finding(
            name(key),
            "what orders hold is in a bucket",
            "there is none",
        ));
    }
    findings
}

/// Pieces of each bucket that orders hold.
fn held(books: &Books, findings: &mut Vec<Finding>) -> BTreeMap<BucketKey, i64> {
    let mut held = BTreeMap::new();
    for record in books.orders.values() {
        let mut lines: Vec<i64> = record
            .order
            .items
            .iter()
            .map(|item| i64::from(item.quantity))
            .collect();
        for allocation in &record.allocations.0 {
            let line = usize::from(allocation.line);
            let (Some(item), Some(missing)) = (record.order.items.get(line), lines.get_mut(line))
            else {
                let detail = format!("allocation of line {line}");
                findings.push(finding(
                    record.order.id.as_str(),
                    "an allocation has a line",
                    detail,
                ));
                continue;
            };
            *missing -= i64::from(allocation.quantity);
            if record.holds_stock() {
                let key = (item.product_id.clone(), allocation.bucket);
                *held.entry(key).or_default() += i64::from(allocation.quantity);
            }
        }
        if lines.iter().any(|missing| *missing != 0) {
            let detail = format!("{} for {} lines", record.allocations, lines.len());
            findings.push(finding(
                record.order.id.as_str(),
                "allocations add up to the lines",
                detail,
            ));
        }
    }
    held
}

/// A bucket's movements follow each other without a gap and lead from nothing to its level.
fn movements(books: &Books, key: &BucketKey, name: &str) -> Option<Finding> {
    let bucket = books.buckets.get(key)?;
    match level(books.movements_of(key), bucket.version) {
        Ok(level) if level == bucket.available => None,
        Ok(level) => {
            let detail = format!(
                "they lead to {level}, the bucket holds {}",
                bucket.available
            );
            Some(finding(name, LEVEL, detail))
        }
        Err(torn) => Some(finding(name, LEVEL, torn.to_string())),
    }
}

/// Why movements lead to no level.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Torn {
    /// There is none for a version.
    #[error("no movement for version {version} of {until}")]
    Missing {
        /// The first that is missing.
        version: u64,
        /// The last that was asked for.
        until: u64,
    },
    /// One does not begin where the one before it ended.
    #[error("version {version} begins at {before}, not {level}")]
    Apart {
        /// The movement's.
        version: u64,
        /// Where it begins.
        before: i64,
        /// Where the one before it ended.
        level: i64,
    },
}

/// The level to which the movements up to this version lead, or why they lead to none. A gap that was accepted stands for all
/// versions since the movement before it.
pub(super) fn level(movements: &BTreeMap<u64, Movement>, until: u64) -> Result<i64, Torn> {
    let missing = |version: u64| Torn::Missing { version, until };
    let (mut level, mut next) = (0, 1);
    for (&version, movement) in movements.range(..=until) {
        if version != next && movement.cause.kind != CauseKind::Gap {
            return Err(missing(next));
        }
        if movement.before != level {
            let before = movement.before;
            return Err(Torn::Apart {
                version,
                before,
                level,
            });
        }
        level = movement.after;
        next = version.saturating_add(1);
    }
    if next <= until {
        return Err(missing(next));
    }
    Ok(level)
}
