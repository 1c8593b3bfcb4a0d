//! Adjusting stock: pieces that come in or leave, once a key.

use domain::{
    Adjustment, Bucket, Caller, Cause, CauseKind, Fingerprint, IdempotencyKey, ProductId,
    allocation::from_fullest, stock::AdjustmentBody,
};

use super::{Catalogue, bucket};
use crate::{
    answer::{Answer, Remembered},
    cancellation::Reason,
    db::NotCommitted,
    error::{Failure, StoreError},
    item::{Item, json},
    keys,
    retry::ATTEMPTS,
    write::Write,
};

/// An adjustment somebody wants to make.
pub struct NewAdjustment {
    /// Of which product.
    pub product_id: ProductId,
    /// Who makes it.
    pub caller: Caller,
    /// Their name for it.
    pub key: IdempotencyKey,
    /// What it does.
    pub body: AdjustmentBody,
}

/// Why stock was not adjusted. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdjustError {
    /// There is no such product.
    #[error("there is no such product")]
    NotFound,
    /// More would leave than there is, proven.
    #[error("there are only {available} pieces to take away")]
    Insufficient {
        /// How many there are.
        available: i64,
    },
    /// The key was used for another adjustment.
    #[error("the Idempotency-Key was used for another request; use a new key for a new adjustment")]
    KeyReused,
}

impl Catalogue {
    /// Makes an adjustment, or answers as it did the first time.
    ///
    /// Pieces that come in are spread over the buckets that sell first; on contention they all go to one of them,
    /// since a transaction over many hot buckets would hardly ever commit.
    pub async fn adjust(&self, new: NewAdjustment) -> Result<Answer, StoreError<AdjustError>> {
        let record = keys::adjustment(&new.product_id, &new.caller.id, &new.key);
        let fingerprint = Fingerprint::of("adjust-stock", &[new.product_id.as_str()], &new.body);
        let cause = Cause {
            kind: CauseKind::Adjustment,
            id: adjustment_id(record.text("pk")?),
            actor: new.caller.id.to_string(),
        };
        let mut narrow = false;
        let mut seen_short: Option<Vec<Bucket>> = None;
        for _ in 0..ATTEMPTS {
            if let Some(item) = self.db.get(&self.table, record.clone()).await? {
                return replay(&item, &fingerprint);
            }
            let Some((product, stock)) = self.stock(&new.product_id).await? else {
                return Err(StoreError::Refused(AdjustError::NotFound));
            };
            let Some(parts) = parts(&stock.buckets, product.buckets, new.body.delta, narrow) else {
                // One read of one bucket proves it; several are read one by one, so only two equal reads do.
                if stock.buckets.len() == 1 || seen_short.as_ref() == Some(&stock.buckets) {
                    let available = stock.available;
                    // The record is read last: it may be this very adjustment that took the pieces.
                    return match self.db.get(&self.table, record).await? {
                        Some(item) => replay(&item, &fingerprint),
                        None => Err(StoreError::Refused(AdjustError::Insufficient { available })),
                    };
                }
                seen_short = Some(stock.buckets);
                continue;
            };
            let answer = Adjustment {
                product_id: new.product_id.clone(),
                delta: new.body.delta,
                reason: new.body.reason,
                note: new.body.note.clone(),
                available: stock.available + new.body.delta,
            };
            let remembered = Remembered {
                fingerprint,
                status: 201,
                body: json(&answer),
            };
            let mut writes = vec![Write::create(&self.table, remembered.item(record.clone()))];
            writes.extend(parts.iter().map(|(number, pieces)| {
                bucket::adjust(&self.table, &new.product_id, *number, *pieces, &cause)
            }));
            match self.db.transact(&writes).await {
                Ok(()) => return Ok(Answer::first(201, remembered.body)),
                Err(NotCommitted::Refused(reasons)) => {
                    if let Some(Reason::ConditionFailed(Some(item))) = reasons.first() {
                        return replay(item, &fingerprint);
                    }
                }
                Err(NotCommitted::Failed(Failure::Busy(_))) if !narrow && parts.len() > 1 => {
                    narrow = true
                }
                Err(NotCommitted::Failed(failure)) => return Err(failure.into()),
            }
        }
        Err(Failure::kept_changing("the stock kept changing while it was adjusted").into())
    }
}

/// The first answer, again, if it was to the same request.
fn replay(item: &Item, fingerprint: &Fingerprint) -> Result<Answer, StoreError<AdjustError>> {
    Remembered::read(item)?
        .answer(fingerprint)
        .ok_or(StoreError::Refused(AdjustError::KeyReused))
}

/// The adjustment's id, under which its movements name it.
fn adjustment_id(record: &str) -> String {
    let hash = record.rsplit('#').next().unwrap_or_default();
    format!("adj_{}", &hash[..hash.len().min(26)])
}

/// What each bucket gains or loses; `None` when they don't hold enough.
fn parts(buckets: &[Bucket], selling: u8, delta: i64, narrow: bool) -> Option<Vec<(u8, i64)>> {
    if delta < 0 {
        let pieces = u32::try_from(delta.unsigned_abs()).ok()?;
        let taken = from_fullest(buckets, pieces)?;
        return Some(
            taken
                .into_iter()
                .map(|(number, pieces)| (number, -i64::from(pieces)))
                .collect(),
        );
    }
    let mut emptiest: Vec<&Bucket> = buckets
        .iter()
        .filter(|bucket| bucket.number < selling)
        .collect();
    emptiest.sort_by_key(|bucket| (bucket.available, bucket.number));
    if narrow {
        emptiest.truncate(1);
    }
    let count = i64::try_from(emptiest.len()).ok()?.min(delta);
    if count == 0 {
        return None;
    }
    let (each, rest) = (delta / count, delta % count);
    let parts = emptiest
        .iter()
        .zip(0..count)
        .map(|(bucket, i)| (bucket.number, each + i64::from(i < rest)));
    Some(parts.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(available: &[i64]) -> Vec<Bucket> {
        let bucket = |(number, &available): (u8, &i64)| Bucket {
            number,
            available,
            taken: 0,
            received: available,
            offer_version: 1,
            active: true,
            version: 0,
        };
        (0..).zip(available).map(bucket).collect()
    }

    #[test]
    fn what_comes_in_is_spread_over_the_buckets_that_sell_first() {
        assert_eq!(
            parts(&buckets(&[5, 0, 0]), 2, 5, false),
            Some(vec![(1, 3), (0, 2)])
        );
        assert_eq!(parts(&buckets(&[5, 0, 0]), 2, 1, false), Some(vec![(1, 1)]));
        assert_eq!(parts(&buckets(&[5, 0, 0]), 2, 5, true), Some(vec![(1, 5)]));
    }

    #[test]
    fn what_leaves_is_taken_from_the_fullest_wherever_they_are() {
        assert_eq!(
            parts(&buckets(&[1, 0, 9]), 2, -10, false),
            Some(vec![(2, -9), (0, -1)])
        );
        assert_eq!(parts(&buckets(&[1, 0, 9]), 2, -11, false), None);
    }
}
