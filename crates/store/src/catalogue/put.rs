//! Putting a product: a new one with its buckets, or a change of offer that ends only when every bucket sells at it.

use std::time::Duration;

use domain::{Product, ProductDraft};

use super::{Catalogue, bucket, product};
use crate::{
    db::Applied,
    error::Failure,
    keys,
    retry::ATTEMPTS,
    write::{Is, Write},
};

/// Whether a product is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It was not there before.
    Created,
    /// It was changed.
    Updated,
}

impl Catalogue {
    /// Makes the product be as the draft says. When this returns, nobody buys at an older offer any more.
    pub async fn put(&self, draft: ProductDraft) -> Result<(Put, Product), Failure> {
        for _ in 0..ATTEMPTS {
            let before = self.product(&draft.id).await?;
            let (put, after) = match &before {
                None => (Put::Created, created(&draft, self.db.now())),
                Some(before) => (Put::Updated, updated(before, &draft, self.db.now())),
            };
            let old_buckets = before.as_ref().map_or(0, |before| before.buckets_ever);
            let offer = after.offer();
            let mut writes = vec![match &before {
                None => Write::create(&self.table, product::item(&after)),
                Some(before) => change(&self.table, before, &after),
            }];
            // New buckets come into being with the number that says so, and sell at the new offer at once.
            writes.extend(
                (old_buckets..after.buckets_ever)
                    .map(|number| Write::create(&self.table, bucket::empty(&offer, number))),
            );
            if !self.db.transact(&writes).await.applied()? {
                // Somebody else put it at the same time: look again.
                continue;
            }
            if before.is_some() {
                // Whether or not this changes the offer: an earlier change may have been cut short.
                self.finish_offer(&after.id).await.map_err(begun)?;
            }
            return Ok((put, after));
        }
        Err(Failure::kept_changing("others kept changing the product"))
    }
}

/// The product was changed already, so being too busy to carry that to its buckets is not "nothing was changed".
fn begun(failure: Failure) -> Failure {
    match failure {
        Failure::Busy(source) => Failure::OutcomeUnknown(source),
        other => other,
    }
}

fn created(draft: &ProductDraft, now: domain::Timestamp) -> Product {
    let buckets = draft.buckets.unwrap_or(1);
    Product {
        id: draft.id.clone(),
        title: draft.title.clone(),
        description: draft.description.clone(),
        category: draft.category.clone(),
        price: draft.price,
        image_url: draft.image_url.clone(),
        active: draft.active.unwrap_or(true),
        offer_version: 1,
        buckets,
        buckets_ever: buckets,
        available: 0,
        created_at: now.to_second(),
        updated_at: now.to_second(),
    }
}

fn updated(before: &Product, draft: &ProductDraft, now: domain::Timestamp) -> Product {
    let active = draft.active.unwrap_or(before.active);
    let buckets = draft.buckets.unwrap_or(before.buckets);
    let same_offer =
        (&before.title, before.price, before.active) == (&draft.title, draft.price, active);
    Product {
        title: draft.title.clone(),
        description: draft.description.clone(),
        category: draft.category.clone(),
        price: draft.price,
        image_url: draft.image_url.clone(),
        active,
        offer_version: before.offer_version + u64::from(!same_offer),
        buckets,
        buckets_ever: before.buckets_ever.max(buckets),
        // Every change raises it, so that by it one that lands late knows that another came first.
        updated_at: now.max(before.updated_at.plus(Duration::from_millis(1))),
        ..before.clone()
    }
}

/// The update from `before` to `after`, if nobody else changed the product in between.
fn change(table: &str, before: &Product, after: &Product) -> Write {
    let write = Write::update(table, keys::product(&after.id))
        .set("title", after.title.as_str())
        .set_or_remove("description", after.description.as_deref())
        .set_or_remove("category", after.category.as_deref())
        .set("price", after.price.amount)
        .set("currency", after.price.currency.code())
        .set_or_remove("image_url", after.image_url.as_deref())
        .set("active", after.active)
        .set("offer_version", after.offer_version)
        .set("buckets", u64::from(after.buckets))
        .set("buckets_ever", u64::from(after.buckets_ever))
        .set("updated_at", after.updated_at.as_millis())
        .only_if(
            "updated_at",
            Is::Number(before.updated_at.as_millis().unsigned_abs()),
        );
    // A mark for the stream's consumer, should whoever changes the offer not come to carry it to the buckets.
    if before.offer_version < after.offer_version {
        write.set("rolling", true)
    } else {
        write
    }
}
