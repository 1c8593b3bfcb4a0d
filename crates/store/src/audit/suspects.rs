//! What a look suspects, and whether the next one still does.
//!
//! A look reads table after table while the shop goes on, so what belongs together is not read at one moment. Most items
//! are at rest again when they are looked at the next time. A bucket of a product that sells all the time never is: it is
//! judged as it was when it was suspected, by the movements that have been written down since.

use std::collections::{BTreeMap, BTreeSet};

use domain::{CauseKind, Movement};

use super::{
    Finding,
    books::{Books, BucketKey},
    stock,
};

/// What a look suspects.
pub(super) struct Suspects {
    /// Items with the rules they seem to break.
    broken: BTreeSet<(String, &'static str)>,
    /// The buckets among them, by what findings call them.
    names: BTreeMap<String, BucketKey>,
    buckets: BTreeMap<BucketKey, Seen>,
}

/// A bucket as it was when it was suspected.
struct Seen {
    version: u64,
    available: i64,
    taken: i64,
    /// The pieces that each order held when it was read, which was later, by the orders' ids.
    held: BTreeMap<String, i64>,
}

impl Suspects {
    /// Those of a look at these books.
    pub(super) fn of(findings: &BTreeSet<Finding>, books: &Books) -> Self {
        let broken = findings.iter().map(|it| (it.item.clone(), it.rule));
        let broken: BTreeSet<(String, &'static str)> = broken.collect();
        let mut names = BTreeMap::new();
        let mut buckets = BTreeMap::new();
        for (key, bucket) in &books.buckets {
            let name = stock::name(key);
            let breaks = |rule| broken.contains(&(name.clone(), rule));
            if breaks(stock::TAKEN) || breaks(stock::LEVEL) {
                let seen = Seen {
                    version: bucket.version,
                    available: bucket.available,
                    taken: bucket.taken,
                    held: BTreeMap::new(),
                };
                buckets.insert(key.clone(), seen);
                names.insert(name, key.clone());
            }
        }
        for record in books.orders.values().filter(|it| it.holds_stock()) {
            for allocation in &record.allocations.0 {
                let line = record.order.items.get(usize::from(allocation.line));
                let key = line.map(|it| (it.product_id.clone(), allocation.bucket));
                if let Some(seen) = key.and_then(|key| buckets.get_mut(&key)) {
                    let held = seen.held.entry(record.order.id.to_string()).or_default();
                    *held += i64::from(allocation.quantity);
                }
            }
        }
        Self {
            broken,
            names,
            buckets,
        }
    }

    /// Of what the next look finds in its books: what this one suspected as well, and what time does not explain.
    pub(super) fn confirmed(
        &self,
        findings: BTreeSet<Finding>,
        books: &Books,
    ) -> BTreeSet<Finding> {
        let still = |it: &Finding| self.broken.contains(&(it.item.clone(), it.rule));
        let findings = findings.into_iter();
        findings
            .filter(|it| still(it) && !self.is_explained(it, books))
            .collect()
    }

    /// Whether a bucket was right when it was suspected, and only ahead of or behind what was read of it later.
    fn is_explained(&self, finding: &Finding, books: &Books) -> bool {
        let key = self.names.get(&finding.item);
        let Some((key, seen)) = key.and_then(|key| self.buckets.get_key_value(key)) else {
            return false;
        };
        let nothing = BTreeMap::new();
        let movements = books.movements.get(key).unwrap_or(&nothing);
        match finding.rule {
            stock::TAKEN => seen.held_then(movements) == seen.taken,
            stock::LEVEL => stock::level(movements, seen.version) == Ok(seen.available),
            _ => false,
        }
    }
}

impl Seen {
    /// The pieces that orders held when the bucket was read: what they held later, with each movement since taken back, the
    /// latest first. What each order held before its first one is what remains.
    fn held_then(&self, movements: &BTreeMap<u64, Movement>) -> i64 {
        let mut held = self.held.clone();
        let since = movements.range(self.version.saturating_add(1)..);
        for (_, movement) in since.rev() {
            let before = match movement.cause.kind {
                CauseKind::Order => 0,
                CauseKind::Cancellation | CauseKind::Expiry | CauseKind::Refund => movement.change,
                // No order takes part in these, or none that is known.
                CauseKind::Adjustment | CauseKind::Move | CauseKind::Gap => continue,
            };
            held.insert(movement.cause.id.clone(), before);
        }
        held.values().sum()
    }
}

#[cfg(test)]
mod tests {
    use domain::{Bucket, Cause, OrderId, OrderStatus, ProductId, Timestamp};

    use super::*;
    use crate::golden;

    const STOCK: &str = "STOCK#mug#1";

    fn mug() -> BucketKey {
        (ProductId::parse("mug").unwrap(), 1)
    }

    /// The id of one of several orders, each of two mugs.
    fn id(letter: char) -> OrderId {
        let text: String = std::iter::repeat_n(letter, 26).collect();
        OrderId::parse(&format!("ord_{text}")).unwrap()
    }

    /// A change of the bucket's level by this order, or by what has its id.
    fn movement(kind: CauseKind, order: char, before: i64, after: i64) -> Movement {
        let cause = Cause {
            kind,
            id: id(order).to_string(),
            actor: "system".to_owned(),
        };
        Movement {
            product_id: mug().0,
            bucket: 1,
            at: Timestamp::from_millis(0),
            change: after - before,
            before,
            after,
            cause,
        }
    }

    /// Books of a bucket into which ten mugs came, with these taken at this version, these orders, and movements up to
    /// where the stream has come.
    fn books(
        (taken, version): (i64, u64),
        orders: &[(char, OrderStatus)],
        movements: &[Movement],
    ) -> Books {
        let mut books = Books::default();
        let bucket = Bucket {
            number: 1,
            available: 10 - taken,
            taken,
            received: 10,
            offer_version: 3,
            active: true,
            version,
        };
        books.buckets.insert(mug(), bucket);
        for (letter, status) in orders {
            let mut record = golden::order();
            record.order.id = id(*letter);
            record.order.status = *status;
            books.orders.insert(id(*letter), record);
        }
        let numbered = (1..).zip(movements.iter().cloned());
        books.movements.insert(mug(), numbered.collect());
        books
    }

    /// The rules of levels and orders that the bucket breaks in the second books as well, when the first were seen before.
    fn confirmed(first: &Books, second: &Books) -> Vec<&'static str> {
        let of_bucket = |books: &Books| -> BTreeSet<Finding> {
            let findings = stock::findings(books).into_iter();
            findings.filter(|it| it.item == STOCK).collect()
        };
        let (before, now) = (of_bucket(first), of_bucket(second));
        for (findings, which) in [(&before, "first"), (&now, "second")] {
            for rule in [stock::TAKEN, stock::LEVEL] {
                let is_suspected = findings.iter().any(|it| it.rule == rule);
                assert!(is_suspected, "{rule} holds in the {which}");
            }
        }
        let confirmed = Suspects::of(&before, first).confirmed(now, second);
        let rules = confirmed.iter().map(|it| it.rule);
        rules
            .filter(|rule| [stock::TAKEN, stock::LEVEL].contains(rule))
            .collect()
    }

    #[test]
    fn a_bucket_that_sells_at_every_look_is_right_as_it_was() {
        use CauseKind::{Adjustment, Expiry, Order};
        use OrderStatus::{Expired, Placed};
        let moved = [
            movement(Adjustment, 'z', 0, 10),
            movement(Order, 'a', 10, 8),
            movement(Order, 'b', 8, 6),
            movement(Expiry, 'a', 6, 8),
        ];
        // The bucket is read after the second change, the orders after the third, and the stream has come to the first.
        let first = books((2, 2), &[('a', Placed), ('b', Placed)], &moved[..1]);
        // The bucket is read after a fifth, by which another order took some, the orders after a sixth.
        let orders = [('a', Expired), ('b', Placed), ('c', Placed), ('d', Placed)];
        let second = books((4, 5), &orders, &moved);
        assert_eq!(confirmed(&first, &second), [""; 0]);
    }

    #[test]
    fn a_bucket_to_which_pieces_return_at_every_look_is_right_as_it_was() {
        use CauseKind::{Adjustment, Cancellation, Expiry, Order};
        use OrderStatus::{Cancelled, Expired, Placed};
        let moved = [
            movement(Adjustment, 'z', 0, 10),
            movement(Order, 'a', 10, 8),
            movement(Order, 'b', 8, 6),
            movement(Expiry, 'a', 6, 8),
            movement(Cancellation, 'b', 8, 10),
        ];
        let first = books((4, 3), &[('a', Expired), ('b', Placed)], &moved[..2]);
        let second = books((2, 4), &[('a', Expired), ('b', Cancelled)], &moved[..3]);
        // Until the stream has told of the fourth change, it can't be known.
        assert_eq!(confirmed(&first, &second), [stock::TAKEN]);
        let orders = [('a', Expired), ('b', Cancelled), ('c', Placed)];
        let third = books((0, 7), &orders, &moved);
        assert_eq!(confirmed(&second, &third), [""; 0]);
    }

    #[test]
    fn a_bucket_that_is_wrong_stays_so_however_much_it_sells() {
        use CauseKind::{Adjustment, Order};
        use OrderStatus::Placed;
        // One piece is taken that no order holds, and no movement tells of it.
        let moved = [
            movement(Adjustment, 'z', 0, 10),
            movement(Order, 'a', 10, 8),
            movement(Order, 'b', 8, 6),
        ];
        let first = books((3, 2), &[('a', Placed)], &moved[..2]);
        let second = books((5, 3), &[('a', Placed), ('b', Placed)], &moved);
        assert_eq!(confirmed(&first, &second), [stock::LEVEL, stock::TAKEN]);
    }
}
