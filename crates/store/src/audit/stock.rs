//! Rules of stock: buckets balance, agree with orders and with their movements, and sell at their product's offer.

use std::collections::BTreeMap;

use super::{
    Finding,
    books::{Books, BucketKey},
    finding,
};

pub(super) fn findings(books: &Books) -> Vec<Finding> {
    let mut findings = Vec::new();
    let held = held(books, &mut findings);
    for (key, bucket) in &books.buckets {
        let name = format!("STOCK#{}#{}", key.0, key.1);
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
            findings.push(finding(&name, "what is taken is what orders hold", detail));
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
                let name = format!("STOCK#{}#{number}", product.id);
                findings.push(finding(
                    name,
                    "no bucket is ever removed",
                    "it is not there",
                ));
            }
        }
    }
    for key in held.keys().filter(|key| !books.buckets.contains_key(*key)) {
        let name = format!("STOCK#{}#{}", key.0, key.1);
        findings.push(finding(
            name,
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
    const RULE: &str = "movements add up to the level";
    let bucket = books.buckets.get(key)?;
    let nothing = BTreeMap::new();
    let movements = books.movements.get(key).unwrap_or(&nothing);
    let mut level = 0;
    for version in 1..=bucket.version {
        let Some(movement) = movements.get(&version) else {
            let detail = format!("no movement for version {version} of {}", bucket.version);
            return Some(finding(name, RULE, detail));
        };
        if movement.before != level {
            let detail = format!(
                "version {version} begins at {}, not {level}",
                movement.before
            );
            return Some(finding(name, RULE, detail));
        }
        level = movement.after;
    }
    (level != bucket.available).then(|| {
        let detail = format!(
            "they lead to {level}, the bucket holds {}",
            bucket.available
        );
        finding(name, RULE, detail)
    })
}
