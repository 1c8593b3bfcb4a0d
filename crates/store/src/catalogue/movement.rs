//! Movements of stock, made from the table's own stream: what a bucket held before and after, why, and by whom.

use std::collections::BTreeSet;

use domain::{Cause, CauseKind, Movement, ProductId, Timestamp};

use super::Catalogue;
use crate::{
    db::Applied,
    error::{Corrupt, Failure},
    item::{Item, json},
    keys,
    write::{Is, Write},
};

/// A change of a bucket, or of a product whose offer is being changed, as the stream tells it.
pub struct CatalogueChange {
    /// The item before.
    pub old: Option<Item>,
    /// The item after.
    pub new: Item,
    /// When.
    pub at: Timestamp,
}

impl CatalogueChange {
    /// Whether it is a product's, with a change of offer that its buckets may not know of yet.
    pub fn is_unfinished_offer(&self) -> bool {
        self.new.truth("rolling").unwrap_or_default()
    }

    /// The product that changed.
    pub fn product(&self) -> Result<ProductId, Corrupt> {
        keys::product_of(&self.new)
    }

    /// The movement and the bucket's version after it; `None` when the level stayed, as when an offer is rolled.
    pub fn movement(&self) -> Result<Option<(Movement, u64)>, Corrupt> {
        let (product_id, bucket) = keys::bucket_of(&self.new)?;
        let version: u64 = self.new.number("version")?;
        let (before, old_version) = match &self.old {
            Some(old) => (old.number("available")?, old.number("version")?),
            None => (0_i64, 0_u64),
        };
        if version == old_version {
            return Ok(None);
        }
        let after: i64 = self.new.number("available")?;
        let cause = self
            .new
            .json("cause")?
            .ok_or_else(|| self.new.corrupt("cause"))?;
        let movement = Movement {
            product_id,
            bucket,
            at: self.at,
            change: after - before,
            before,
            after,
            cause,
        };
        Ok(Some((movement, version)))
    }
}

impl Catalogue {
    /// Writes a movement down, once: the same change told again changes nothing. Says whether it was written now.
    pub async fn record_movement(
        &self,
        movement: &Movement,
        version: u64,
    ) -> Result<bool, Failure> {
        let item = keys::movement(&movement.product_id, movement.bucket, version)
            .with("at", movement.at.as_millis())
            .with("before", movement.before)
            .with("after", movement.after)
            .with("version", version)
            .with("cause", json(&movement.cause));
        self.note(item).await
    }

    /// Writes down an item that nothing ever changes, if it is not there. Says whether it was not.
    pub(super) async fn note(&self, item: Item) -> Result<bool, Failure> {
        let once = Write::create(&self.table, item);
        self.db.write(once).await.applied()
    }

    /// Brings the number of available pieces that products show up to date. It is summed anew from the buckets, and an
    /// older sum never replaces a newer one, so it may be done any number of times and in any order.
    pub async fn refresh_available(&self, products: &BTreeSet<ProductId>) -> Result<(), Failure> {
        for id in products {
            let Some((_, stock)) = self.stock(id).await? else {
                continue;
            };
            let seen: u64 = stock.buckets.iter().map(|bucket| bucket.version).sum();
            let refresh = Write::update(&self.table, keys::product(id))
                .set("available", stock.available)
                .set("in_stock", stock.available > 0)
                .set("stock_version", seen)
                .only_if("pk", Is::Present)
                .only_if_absent_or_less("stock_version", seen);
            self.db.write(refresh).await.applied()?;
        }
        Ok(())
    }
}

/// The movement an item holds.
pub(crate) fn read(item: &Item) -> Result<Movement, Corrupt> {
    let (product_id, bucket) = keys::movement_of(item)?;
    let (before, after): (i64, i64) = (item.number("before")?, item.number("after")?);
    let cause: Cause = item.json("cause")?.ok_or_else(|| item.corrupt("cause"))?;
    Ok(Movement {
        product_id,
        bucket,
        at: Timestamp::from_millis(item.number("at")?),
        change: after - before,
        before,
        after,
        cause,
    })
}

/// Whether a movement is one of the product's stock; what only changed buckets is none.
pub(crate) fn is_shown(movement: &Movement) -> bool {
    movement.cause.kind != CauseKind::Move
}
