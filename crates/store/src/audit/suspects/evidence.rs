//! What was seen of a suspect at the first look, and what later looks say about that.
//!
//! A stream tells of an item's changes in their order, and so what is missing while a later change was told of is not late.

use std::collections::BTreeMap;

use domain::{Bucket, CauseKind, Movement, OrderId, OrderStatus};

use crate::{
    audit::{
        books::Books,
        events,
        stock::{self, Torn},
    },
    catalogue::BucketKey,
};

/// What was seen of a suspect.
pub(super) enum Evidence {
    /// Nothing that a later look could be held against: it is right once it breaks its rule no more.
    Nothing,
    /// A bucket's level, for its movements to lead to.
    Level(Level),
    /// What was taken from a bucket, and by whom it was held.
    Taken(Taken),
    /// An order's statuses, and the events about it.
    Told(Told),
}

/// What a later look says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It was right, and only read at another moment than what belongs to it.
    Right,
    /// It was wrong, and nothing that is still to come makes it right.
    Wrong,
    /// Not known: a stream has not told of all that would show it.
    Open,
}

impl Evidence {
    /// By these books, which were read later than all before.
    pub(super) fn judged(&mut self, books: &Books) -> Verdict {
        match self {
            Self::Nothing => Verdict::Open,
            Self::Level(level) => level.judged(books),
            Self::Taken(taken) => taken.judged(books),
            Self::Told(told) => told.judged(books),
        }
    }

    /// Whether a later look may find nothing though it is wrong still. What is taken and what orders hold are read at two
    /// moments, and a sale between them may be just what hides the difference.
    pub(super) fn may_be_hidden(&self) -> bool {
        match self {
            Self::Taken(_) => true,
            Self::Nothing | Self::Level(_) | Self::Told(_) => false,
        }
    }
}

/// A bucket's level as it was.
pub(super) struct Level {
    bucket: BucketKey,
    version: u64,
    available: i64,
    /// The last movement that was there at any look so far.
    last: u64,
}

impl Level {
    pub(super) fn of(key: &BucketKey, bucket: &Bucket, books: &Books) -> Self {
        Self {
            bucket: key.clone(),
            version: bucket.version,
            available: bucket.available,
            last: last(books.movements_of(key)),
        }
    }

    fn judged(&mut self, books: &Books) -> Verdict {
        let movements = books.movements_of(&self.bucket);
        let before = self.last;
        self.last = before.max(last(movements));
        match stock::level(movements, self.version) {
            Ok(level) if level == self.available => Verdict::Right,
            Ok(_) | Err(Torn::Apart { .. }) => Verdict::Wrong,
            Err(Torn::Missing { version, .. }) if version < before => Verdict::Wrong,
            Err(Torn::Missing { .. }) => Verdict::Open,
        }
    }
}

/// What was taken from a bucket.
pub(super) struct Taken {
    bucket: BucketKey,
    version: u64,
    taken: i64,
    /// The pieces that each order held when it was read, which was later, by the orders' ids.
    held: BTreeMap<String, i64>,
    /// The bucket's version at the next look. By then all orders of this one had been read.
    until: Option<u64>,
}

impl Taken {
    pub(super) fn of(key: &BucketKey, bucket: &Bucket) -> Self {
        Self {
            bucket: key.clone(),
            version: bucket.version,
            taken: bucket.taken,
            held: BTreeMap::new(),
            until: None,
        }
    }

    /// An order held so many pieces of the bucket's, beside those that it is known to have held.
    pub(super) fn is_held_by(&mut self, order: &OrderId, quantity: u32) {
        *self.held.entry(order.to_string()).or_default() += i64::from(quantity);
    }

    fn judged(&mut self, books: &Books) -> Verdict {
        let now = books.buckets.get(&self.bucket).map(|it| it.version);
        let until = *self.until.get_or_insert(now.unwrap_or(self.version));
        let movements = books.movements_of(&self.bucket);
        match self.held_then(movements, until) {
            None => Verdict::Open,
            Some(held) if held == self.taken => Verdict::Right,
            Some(_) => Verdict::Wrong,
        }
    }

    /// The pieces that orders held when the bucket was read: what they held later, with each movement since taken back, the
    /// latest first. What each order held before its first one is what remains. Nothing as long as a movement is missing.
    fn held_then(&self, movements: &BTreeMap<u64, Movement>, until: u64) -> Option<i64> {
        let mut held = self.held.clone();
        for version in (self.version.saturating_add(1)..=until).rev() {
            let movement = movements.get(&version)?;
            let before = match movement.cause.kind {
                CauseKind::Order => 0,
                CauseKind::Cancellation | CauseKind::Expiry | CauseKind::Refund => movement.change,
                // No order takes part in these.
                CauseKind::Adjustment | CauseKind::Move => continue,
                // Who took part is not known.
                CauseKind::Gap => return None,
            };
            held.insert(movement.cause.id.clone(), before);
        }
        Some(held.values().sum())
    }
}

/// An order's statuses and what the bus was told of them, by the order's versions.
pub(super) struct Told {
    order: OrderId,
    had: BTreeMap<u64, OrderStatus>,
    told: BTreeMap<u64, OrderStatus>,
    /// The last event that was there at any look so far.
    last: u64,
}

impl Told {
    /// `None` if there is no such order.
    pub(super) fn of(order: OrderId, books: &Books) -> Option<Self> {
        let had = events::had(books.orders.get(&order)?);
        let told = books.told_of(&order);
        Some(Self {
            had,
            last: last(told),
            told: told.clone(),
            order,
        })
    }

    fn judged(&mut self, books: &Books) -> Verdict {
        let Some(record) = books.orders.get(&self.order) else {
            return Verdict::Wrong;
        };
        let had = events::had(record);
        let told = books.told_of(&self.order);
        let before = self.last;
        self.last = before.max(last(told));
        // Orders are read before events, so one may have been told of that the order had only afterwards.
        if self.told.iter().any(|(at, it)| had.get(at) != Some(it)) {
            return Verdict::Wrong;
        }
        let missing = self.had.iter().find(|(at, it)| told.get(*at) != Some(*it));
        match missing {
            None => Verdict::Right,
            Some((at, _)) if *at < before || told.contains_key(at) => Verdict::Wrong,
            Some(_) => Verdict::Open,
        }
    }
}

/// The last version of these; 0 if there is none.
fn last<T>(versions: &BTreeMap<u64, T>) -> u64 {
    versions.last_key_value().map_or(0, |(version, _)| *version)
}
