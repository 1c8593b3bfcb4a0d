//! Changes of which nobody will ever tell: when that is certain, and how it is written down.

use std::{fmt, time::Duration};

use domain::{Cause, CauseKind, Movement, ProductId, Timestamp};

use super::History;
use crate::{catalogue::Catalogue, error::Failure, item::Item, keys};

/// For how long after a change its movement may still come: a stream keeps a record for 24 hours ("TrimmedDataAccessException",
/// Amazon DynamoDB Streams API reference). An hour more is for whoever has read it by then and still tries, and for clocks that
/// differ.
const KEPT: Duration = Duration::from_secs(25 * 3600);
/// For how long it is kept that movements are missing.
const NOTED: Duration = Duration::from_secs(30 * 24 * 3600);

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
    /// When all of them had happened, which they may have done long before: the time of the movement that follows, or a time at
    /// which somebody saw that they are missing. `None` if there is neither.
    pub by: Option<Timestamp>,
}

/// What came of accepting a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acceptance {
    /// It was written down.
    Written,
    /// It was too young when the history was read that has it, or nobody knows how old it was.
    TooYoung,
    /// The movement of its last version has been written since then. Others may have been too.
    Outdated,
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
            by: _,
        } = self;
        write!(
            f,
            "STOCK#{product_id}#{bucket}: no movement for versions {first} to {last}, which lead from {before} to {after}"
        )
    }
}

impl Gap {
    /// From when on it is certain that none of the missing movements will come; `None` while nobody knows.
    pub fn certain_from(&self) -> Option<Timestamp> {
        self.by.map(|by| by.plus(KEPT))
    }

    /// The item that says that they were seen to be missing at this time.
    pub(crate) fn missed(&self, at: Timestamp) -> Item {
        keys::missed(&self.product_id, self.bucket, self.last)
            .with("version", self.last)
            .with("at", at.as_millis())
            .with("expires", at.plus(NOTED).as_seconds())
    }

    /// The movement that stands for all of them, noted at this time.
    pub(super) fn movement(&self, at: Timestamp) -> Movement {
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

impl History {
    /// Whether none of a gap's movements can have come since this was begun to be read. What is certain only by now says nothing
    /// of that: reading the table and its stream may take hours.
    pub(super) fn is_certain(&self, gap: &Gap) -> bool {
        gap.certain_from().is_some_and(|from| from <= self.begun)
    }
}

impl Catalogue {
    /// Notes that by now all of a gap's changes have happened, if nothing tells when they had.
    pub async fn note_missing(&self, gap: &mut Gap) -> Result<(), Failure> {
        if gap.by.is_some() {
            return Ok(());
        }
        let now = self.db.now();
        self.note(gap.missed(now)).await?;
        gap.by = Some(now);
        Ok(())
    }

    /// Writes down that nobody knows what filled this gap of the history, if nobody can have known since that was read.
    pub async fn accept(&self, gap: &Gap, history: &History) -> Result<Acceptance, Failure> {
        if !history.is_certain(gap) {
            return Ok(Acceptance::TooYoung);
        }
        let movement = gap.movement(self.db.now());
        let is_written = self.record_movement(&movement, gap.last).await?;
        self.refresh_available(&[gap.product_id.clone()].into())
            .await?;
        Ok(match is_written {
            true => Acceptance::Written,
            false => Acceptance::Outdated,
        })
    }
}
