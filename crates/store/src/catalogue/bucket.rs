//! A bucket of stock as an item, and the writes that change one.
//!
//! Every write that changes a level raises the bucket's version and states its cause, from which the stream makes
//! the movement; and each keeps `available + taken = received`.

use domain::{Bucket, Cause, Offer, ProductId};

use crate::{
    error::Corrupt,
    item::Item,
    keys,
    write::{Is, Write},
};

/// The item of a new, empty bucket that sells at the offer.
pub(crate) fn empty(offer: &Offer, number: u8) -> Item {
    keys::bucket(&offer.product_id, number)
        .with("available", 0_i64)
        .with("taken", 0_i64)
        .with("received", 0_i64)
        .with("price", offer.price.amount)
        .with("active", offer.active)
        .with("offer_version", offer.version)
        .with("version", 0_u64)
}

/// The bucket that an item holds.
pub fn read(item: &Item) -> Result<Bucket, Corrupt> {
    let (_, number) = keys::bucket_of(item)?;
    Ok(Bucket {
        number,
        available: item.number("available")?,
        taken: item.number("taken")?,
        received: item.number("received")?,
        offer_version: item.number("offer_version")?,
        active: item.truth("active")?,
        version: item.number("version")?,
    })
}

fn change(table: &str, product: &ProductId, bucket: u8, cause: &Cause) -> Write {
    Write::update(table, keys::bucket(product, bucket))
        .raise("version", 1)
        .set("cause", crate::item::json(cause))
}

/// An order takes `quantity` pieces, at this offer and no other.
pub(crate) fn take(table: &str, offer: &Offer, bucket: u8, quantity: u32, cause: &Cause) -> Write {
    let quantity = i64::from(quantity);
    change(table, &offer.product_id, bucket, cause)
        .raise("available", -quantity)
        .raise("taken", quantity)
        .only_if("available", Is::AtLeast(quantity))
        .only_if("offer_version", Is::Number(offer.version))
        .only_if("active", Is::Truth(true))
}

/// An order gives `quantity` pieces back to the bucket they came from.
pub(crate) fn give_back(
    table: &str,
    product: &ProductId,
    bucket: u8,
    quantity: u32,
    cause: &Cause,
) -> Write {
    let quantity = i64::from(quantity);
    change(table, product, bucket, cause)
        .raise("available", quantity)
        .raise("taken", -quantity)
        .only_if("taken", Is::AtLeast(quantity))
}

/// `pieces` come in, or leave when negative.
pub(crate) fn adjust(
    table: &str,
    product: &ProductId,
    bucket: u8,
    pieces: i64,
    cause: &Cause,
) -> Write {
    change(table, product, bucket, cause)
        .raise("available", pieces)
        .raise("received", pieces)
        .only_if("available", Is::AtLeast((-pieces).max(0)))
}

/// The bucket begins to sell at a newer offer. Its level, and so its version, stays.
pub(crate) fn roll(table: &str, offer: &Offer, bucket: u8) -> Write {
    Write::update(table, keys::bucket(&offer.product_id, bucket))
        .set("price", offer.price.amount)
        .set("active", offer.active)
        .set("offer_version", offer.version)
        .only_if("offer_version", Is::LessThan(offer.version))
}
