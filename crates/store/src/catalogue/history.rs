//! What the movements of stock leave out: found, made anew from the table's stream, and written down as gaps where nobody
//! knows any more.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use domain::{Bucket, Cause, CauseKind, Movement, ProductId, Timestamp};

use super::{
    Catalogue, bucket,
    movement::{self, CatalogueChange},
};
use crate::{
    error::{Corrupt, Failure},
    item::Item,
    keys::Key,
};

/// Buckets and their movements, as the table has them.
#[derive(Debug, Default)]
pub struct History {
    /// What can't be read.
    pub unreadable: Vec<Corrupt>,
    buckets: BTreeMap<(ProductId, u8), Bucket>,
    /// By bucket, and by the version that they led to.
    movements: BTreeMap<(ProductId, u8), BTreeMap<u64, Movement>>,
}

/// Changes of a bucket, one after another, of which no movement tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The product.
    pub product_id: ProductId,
    /// The bucket's number.
    pub bucket: u8,
    /// The version that the first of them led to.
    pub first: u64,
    /// The version that the last of them led to.
    pub last: u64,
    /// Pieces available before the first.
    pub before: i64,
    /// Pieces available after the last.
    pub after: i64,
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

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            product_id,
            bucket,
            first,
            last,
            before,
            after,
        } = self;
        write!(
            f,
            "STOCK#{product_id}#{bucket}: no movement for versions {first} to {last}, which lead from {before} to {after}"
        )
    }
}

impl History {
    /// How many changes have no movement.
    pub fn missing(&self) -> u64 {
        let gaps = self.gaps();
        gaps.iter().map(|gap| gap.last - gap.first + 1).sum()
    }

    /// Where movements are missing: up to each bucket as it was read.
    pub fn gaps(&self) -> Vec<Gap> {
        let nothing = BTreeMap::new();
        let of_bucket = |(key, bucket): (&(ProductId, u8), &Bucket)| {
            let movements = self.movements.get(key).unwrap_or(&nothing);
            gaps(&key.0, bucket, movements)
        };
        self.buckets.iter().flat_map(of_bucket).collect()
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
            _ => {}
        }
        Ok(())
    }

    fn add(&mut self, movement: Movement, version: u64) {
        let key = (movement.product_id.clone(), movement.bucket);
        let of_bucket = self.movements.entry(key).or_default();
        of_bucket.insert(version, movement);
    }
}

/// Where a bucket's movements are missing. A gap that was written down stands for all versions since the movement before it.
fn gaps(product_id: &ProductId, bucket: &Bucket, movements: &BTreeMap<u64, Movement>) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let (mut next, mut level) = (1, 0);
    let gap = |first, last, before, after| Gap {
        product_id: product_id.clone(),
        bucket: bucket.number,
        first,
        last,
        before,
        after,
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

impl Gap {
    /// The movement that says so: one for all the changes, noted at this time.
    fn movement(&self, at: Timestamp) -> Movement {
        Movement {
            product_id: self.product_id.clone(),
            bucket: self.bucket,
            at,
            change: self.after - self.before,
            before: self.before,
            after: self.after,
            cause: Cause {
                kind: CauseKind::Gap,
                id: format!("{}-{}", self.first, self.last),
                actor: "system".to_owned(),
            },
        }
    }
}

impl Catalogue {
    /// Reads every bucket and every movement.
    pub async fn history(&self) -> Result<History, Failure> {
        let mut history = History::default();
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
            if !is_dry {
                self.record_movement(&movement, version).await?;
            }
            replayed.movements += 1;
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

    /// Writes down that nobody knows what filled this gap.
    pub async fn accept(&self, gap: &Gap) -> Result<(), Failure> {
        let movement = gap.movement(self.db.now());
        self.record_movement(&movement, gap.last).await?;
        self.refresh_available(&[gap.product_id.clone()].into())
            .await
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
