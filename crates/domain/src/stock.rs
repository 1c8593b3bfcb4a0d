//! How many pieces there are, and every reason for which that changes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ProductId, Timestamp,
    text::{FieldError, PROSE, prose},
};

/// One bucket of a product's stock. `available + taken = received`, always.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Bucket {
    /// Its number, from 0.
    #[serde(rename = "bucket")]
    pub number: u8,
    /// Pieces that can be ordered.
    pub available: i64,
    /// Pieces in orders that hold them.
    pub taken: i64,
    /// Pieces that came in, less those that were lost.
    pub received: i64,
    /// The offer at which it sells.
    #[serde(skip)]
    pub offer_version: u64,
    /// Whether it sells at all.
    #[serde(skip)]
    pub active: bool,
    /// How often its level has changed.
    #[serde(skip)]
    pub version: u64,
}

/// A product's stock, exact at the moment it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Stock {
    /// The product.
    pub product_id: ProductId,
    /// Pieces that can be ordered.
    pub available: i64,
    /// Pieces in orders that hold them.
    pub taken: i64,
    /// Pieces that came in, less those that were lost.
    pub received: i64,
    /// Where they are.
    pub buckets: Vec<Bucket>,
}

impl Stock {
    /// The stock these buckets make.
    pub fn of(product_id: ProductId, buckets: Vec<Bucket>) -> Self {
        Self {
            product_id,
            available: buckets.iter().map(|b| b.available).sum(),
            taken: buckets.iter().map(|b| b.taken).sum(),
            received: buckets.iter().map(|b| b.received).sum(),
            buckets,
        }
    }
}

/// What made a bucket's level change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CauseKind {
    /// An order took pieces.
    Order,
    /// Staff adjusted it.
    Adjustment,
    /// A cancelled order gave its pieces back.
    Cancellation,
    /// An unpaid order gave its pieces back.
    Expiry,
    /// A refunded order gave its pieces back.
    Refund,
    /// Pieces went to or came from another bucket of the product; no movement of stock.
    Move,
    /// Changes that were never told of, in one: nobody knows what made them. It stands for all since the movement before it.
    Gap,
}

/// Why a bucket's level changed, by what and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cause {
    /// The reason.
    pub kind: CauseKind,
    /// The order's or the adjustment's id; of a gap, which of the bucket's changes are in it.
    pub id: String,
    /// The user who did it, or `system`.
    pub actor: String,
}

/// One change of a bucket's level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Movement {
    /// The product.
    pub product_id: ProductId,
    /// The bucket.
    pub bucket: u8,
    /// When it happened.
    pub at: Timestamp,
    /// `after - before`.
    pub change: i64,
    /// Pieces available in the bucket before.
    pub before: i64,
    /// Pieces available in the bucket after.
    pub after: i64,
    /// Why.
    pub cause: Cause,
}

/// Why staff adjust stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AdjustmentReason {
    /// A delivery came in.
    Received,
    /// Pieces are unfit for sale.
    Damaged,
    /// Pieces are missing.
    Lost,
    /// Pieces turned up.
    Found,
    /// The count was wrong.
    Correction,
}

/// The body of `adjust-stock`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the contract's names
pub struct AdjustmentBody {
    #[schemars(range(min = -Self::MAX_DELTA, max = Self::MAX_DELTA), extend("not" = {"const": 0}))]
    pub delta: i64,
    pub reason: AdjustmentReason,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 500), regex(pattern = PROSE))]
    pub note: Option<String>,
}

/// Why an adjustment is refused before stock is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAdjustment {
    /// Zero, or beyond a thousand million.
    #[error("the member delta must be between -1000000000 and 1000000000, and not 0")]
    Delta,
    /// The note breaks its rule.
    #[error(transparent)]
    Note(#[from] FieldError),
}

impl AdjustmentBody {
    /// The most pieces one adjustment may add or remove.
    pub const MAX_DELTA: i64 = 1_000_000_000;

    /// The adjustment, if it is within its limits.
    pub fn validated(self) -> Result<Self, InvalidAdjustment> {
        if self.delta == 0 || !(-Self::MAX_DELTA..=Self::MAX_DELTA).contains(&self.delta) {
            return Err(InvalidAdjustment::Delta);
        }
        let note = self.note.map(|note| prose("note", note, 500)).transpose()?;
        Ok(Self { note, ..self })
    }
}

/// An adjustment that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Adjustment {
    /// The product.
    pub product_id: ProductId,
    /// Pieces added, or removed when negative.
    pub delta: i64,
    /// Why.
    pub reason: AdjustmentReason,
    /// In the words of whoever did it.
    pub note: Option<String>,
    /// Pieces that were available just before, plus `delta`: what is sold in the same moment is not in it.
    pub available: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_adjustment_changes_something_and_not_everything() {
        let body = |delta| {
            AdjustmentBody {
                delta,
                reason: AdjustmentReason::Received,
                note: None,
            }
            .validated()
        };
        for delta in [0, AdjustmentBody::MAX_DELTA + 1, i64::MIN, i64::MAX] {
            assert_eq!(body(delta).unwrap_err(), InvalidAdjustment::Delta);
        }
        assert!(body(-AdjustmentBody::MAX_DELTA).is_ok());
    }
}
