//! What the movements of stock leave out: found, made anew from the table's stream, and written down as gaps where nobody
//! knows any more.

mod gap;

use std::collections::{BTreeMap, BTreeSet};

use domain::{Bucket, CauseKind, Movement, ProductId, Timestamp};

pub use gap::{Acceptance, Gap};

use super::{
    BucketKey, Catalogue, bucket,
    movement::{self, CatalogueChange},
};
use crate::{
    error::{Corrupt, Failure},
    item::Item,
    keys::Key,
};

/// Buckets and their movements, as the table has them.
#[derive(Debug)]
pub struct History {
    /// When it was begun to be read: what came later may not be in it.
    begun: Timestamp,
    /// What can't be read.
    pub unreadable: Vec<Corrupt>,
    buckets: BTreeMap<BucketKey, Bucket>,
    /// By bucket, and by the version that they led to.
    movements: BTreeMap<BucketKey, BTreeMap<u64, Movement>>,
    /// When somebody saw that movements of a bucket are missing, by the version that it had then.
    missed: BTreeMap<BucketKey, BTreeMap<u64, Timestamp>>,
}

/// What a stream told once more.
#[derive(Debug, Default)]
pub struct Replayed {
    /// Changes that it had, of whatever is in the table.
    pub changes: usize,
    /// Movements among them that were missing.
    pub movements: usize,
    /// Changes that can't be read.
    pub unreadable: Vec<Corrupt>,
    /// Products whose stock moved.
    pub moved: BTreeSet<ProductId>,
    /// Products whose offer was changed.
    pub offered: BTreeSet<ProductId>,
}

impl History {
    /// One of which nothing is read yet.
    fn begun_at(begun: Timestamp) -> Self {
        Self {
            begun,
            unreadable: Vec::new(),
            buckets: BTreeMap::new(),
            movements: BTreeMap::new(),
            missed: BTreeMap::new(),
        }
    }

    /// How many changes have no movement.
    pub fn missing(&self) -> u64 {
        let gaps = self.gaps();
        gaps.iter().map(|gap| gap.last - gap.first + 1).sum()
    }

    /// Where movements are missing: up to each bucket as it was read.
    pub fn gaps(&self) -> Vec<Gap> {
        let buckets = self.buckets.iter();
        buckets
            .flat_map(|(key, bucket)| self.gaps_of(key, bucket))
            .collect()
    }

    /// Where a bucket's movements are missing. A gap that was written down stands for all versions since the movement before it.
    fn gaps_of(&self, key: &BucketKey, bucket: &Bucket) -> Vec<Gap> {
        let nothing = BTreeMap::new();
        let movements = self.movements.get(key).unwrap_or(&nothing);
        let mut gaps = Vec::new();
        let (mut next, mut level) = (1, 0);
        let gap = |first, last, before, after| Gap {
            product_id: key.0.clone(),
            bucket: key.1,
            first,
            last,
            before,
            after,
            by: self.happened_by(key, last),
        };
        for (&version, movement) in movements.range(..=bucket.version) {
            if version > next && movement.cause.kind != CauseKind::Gap {
                gaps.push(gap(next, version - 1, level, movement.before));
            }
            (next, level) = (version.saturating_add(1), movement.after);
        }
        if next <= bucket.version {
            gaps.push(gap(next, bucket.version, level, bucket.available));
        }
        gaps
    }

    /// A time by which a bucket's changes up to this version had happened: the earliest that is known.
    fn happened_by(&self, key: &BucketKey, version: u64) -> Option<Timestamp> {
        let movements = self.movements.get(key);
        let later = movements.and_then(|it| it.range(version.saturating_add(1)..).next());
        let seen = self.missed.get(key).into_iter();
        let seen = seen.flat_map(|it| it.range(version..).map(|(_, at)| *at));
        seen.chain(later.map(|(_, movement)| movement.at)).min()
    }

    /// Whether no movement tells of this change, though the bucket has it.
    fn lacks(&self, movement: &Movement, version: u64) -> bool {
        let key = (movement.product_id.clone(), movement.bucket);
        let bucket = self.buckets.get(&key);
        // What changed since the bucket was read comes to the stream's function as ever.
        if bucket.is_none_or(|bucket| bucket.version < version) {
            return false;
        }
        let known = self.movements.get(&key);
        let next = known.and_then(|known| known.range(version..).next());
        next.is_none_or(|(at, next)| *at != version && next.cause.kind != CauseKind::Gap)
    }

    fn read(&mut self, item: &Item) -> Result<(), Corrupt> {
        match Key::of(item)? {
            Key::Bucket(product, number) => {
                let bucket = bucket::read(item)?;
                self.buckets.insert((product, number), bucket);
            }
            Key::Movement(..) => self.add(movement::read(item)?, item.number("version")?),
            Key::Missed(product, number) => {
                let at = Timestamp::from_millis(item.number("at")?);
                let seen = self.missed.entry((product, number)).or_default();
                seen.insert(item.number("version")?, at);
            }
            Key::Product(_)
            | Key::Cart(_)
            | Key::Order(_)
            | Key::Deleted(_)
            | Key::Event
            | Key::Charge(_)
            | Key::Refund(_)
            | Key::Other => {}
        }
        Ok(())
    }

    fn add(&mut self, movement: Movement, version: u64) {
        let key = (movement.product_id.clone(), movement.bucket);
        let of_bucket = self.movements.entry(key).or_default();
        of_bucket.insert(version, movement);
    }
}

impl Catalogue {
    /// Reads every bucket and every movement.
    pub async fn history(&self) -> Result<History, Failure> {
        let mut history = History::begun_at(self.db.now());
        let mut start = None;
        loop {
            let page = self.db.scan(&self.table, start).await?;
            for item in &page.items {
                let read = history.read(item);
                history.unreadable.extend(read.err());
            }
            start = page.next;
            if start.is_none() {
                return Ok(history);
            }
        }
    }

    /// Writes the movements down that the history lacks and these changes tell of, and notes in `replayed` how far that came.
    /// `is_dry` only counts them.
    pub async fn replay(
        &self,
        changes: &[CatalogueChange],
        history: &mut History,
        replayed: &mut Replayed,
        is_dry: bool,
    ) -> Result<(), Failure> {
        for change in changes {
            replayed.changes += 1;
            let (movement, version) = match replayed.look_at(change) {
                Ok(Some(moved)) => moved,
                Ok(None) => continue,
                Err(corrupt) => {
                    replayed.unreadable.push(corrupt);
                    continue;
                }
            };
            if !history.lacks(&movement, version) {
                continue;
            }
            // Its function may have been faster.
            if is_dry || self.record_movement(&movement, version).await? {
                replayed.movements += 1;
            }
            history.add(movement, version);
        }
        Ok(())
    }

    /// Does for the products that were told of what else their stream's function does: it shows what is available, and
    /// finishes changes of offers.
    pub async fn catch_up(&self, replayed: &Replayed) -> Result<(), Failure> {
        for product in &replayed.offered {
            self.finish_offer(product).await?;
        }
        self.refresh_available(&replayed.moved).await
    }
}

impl Replayed {
    /// Notes whose change it is; gives the movement, if stock moved by it.
    fn look_at(&mut self, change: &CatalogueChange) -> Result<Option<(Movement, u64)>, Corrupt> {
        if change.is_unfinished_offer() {
            self.offered.insert(change.product()?);
            return Ok(None);
        }
        let Key::Bucket(product, _) = Key::of(&change.new)? else {
            return Ok(None);
        };
        let movement = change.movement()?;
        self.moved.insert(product);
        Ok(movement)
    }
}

#[cfg(test)]
mod tests;
