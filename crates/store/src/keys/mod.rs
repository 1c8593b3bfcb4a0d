//! Every key and every index of every table. No key is built or read anywhere else.
//!
//! | table | item | pk | sk |
//! |---|---|---|---|
//! | users | profile | `USER#<id>` | |
//! | | claim of an e-mail address | `EMAIL#<sha256>` | |
//! | | refresh family | `SESSION#<family>` | |
//! | | tries of a subject | `THROTTLE#<subject>#<window>` | |
//! | | link that is sent by mail | `LINK#<id>` | |
//! | catalogue | product | `PRODUCT#<id>` | `PRODUCT` |
//! | | bucket of its stock | `STOCK#<id>#<bucket>` | `BUCKET` |
//! | | movement of a bucket | `STOCK#<id>` | `MOVE#<bucket>#<version>` |
//! | | that movements of a bucket are missing | `MISSED#<id>` | `SEEN#<bucket>#<version>` |
//! | | answer to an adjustment | `IDEM#<scope>#<hash>` | `IDEM` |
//! | carts | cart of a user or guest | `CART#<id>` | |
//! | orders | order | `ORDER#<id>` | |
//! | | answer to a payment | `IDEM#<scope>#<hash>` | |
//! | | customer whose account is deleted | `DELETED#<id>` | |
//! | | declined payments of a subject | `THROTTLE#<subject>#<window>` | |
//! | provider | charge or refund | `<kind>#<order>#<step>` | |
//! | bus | event | `EVENT#<order>#<version>` | |
//! | mailbox | message | `MAIL#<id>` | |
//!
//! | index | of | hash | range |
//! |---|---|---|---|
//! | `by-category` | products | `category` | `pk` |
//! | `all` | products | `shard` = `ALL#<0..3>` | `pk` |
//! | `by-customer` | orders | `customer` | `created_at` |
//! | `by-day` | orders | `day` = `DAY#<number>#<0..3>` | `created_at` |
//! | `by-day-and-status` | orders | `day_status` = `DAY#<number>#<0..3>#<status>` | `created_at` |
//! | `due` | orders and deletions with work to do | `due` = `DUE#<0..15>` | `next_action_at` |
//! | `by-time` | events | `bus` = `BUS` | `published_at` |
//! | `by-time` | messages | `box` = `BOX` | `sent_at` |

mod parsed;

use domain::{Email, IdempotencyKey, OrderId, OrderStatus, ProductId, UserId, timestamp::Day};
use sha2::{Digest, Sha256};

use crate::item::Item;

pub use parsed::{Key, bucket_of, cart_of, movement_of, order_of, product_of};

/// Shards of the index over all products.
pub const PRODUCT_SHARDS: u8 = 4;
/// Shards of a day in the index of orders by day: a shard takes 1,000 new orders a second.
pub const DAY_SHARDS: u8 = 4;
/// Shards of the index of orders with work to do.
pub const DUE_SHARDS: u8 = 16;

/// Products of a category.
pub const BY_CATEGORY: &str = "by-category";
/// All products.
pub const ALL: &str = "all";
/// Orders of a customer.
pub const BY_CUSTOMER: &str = "by-customer";
/// Orders of a day.
pub const BY_DAY: &str = "by-day";
/// Orders of a day that have a status.
pub const BY_DAY_AND_STATUS: &str = "by-day-and-status";
/// Orders and deletions with work to do.
pub const DUE: &str = "due";
/// Events by the time they were published, and messages by the time they were sent.
pub const BY_TIME: &str = "by-time";
/// The one partition of [`BY_TIME`]: the built-in bus is for one machine.
pub const BUS: &str = "BUS";

/// The one partition of the index over messages in the mailbox, which is for one machine as well.
pub const BOX: &str = "BOX";

/// Of what the built-in provider's ledger holds: charges.
pub const CHARGE: &str = "CHARGE";
/// And what was given back.
pub const REFUND: &str = "REFUND";

fn pk(key: String) -> Item {
    Item::default().with("pk", key)
}

fn pk_sk(pk: String, sk: impl Into<String>) -> Item {
    Item::default().with("pk", pk).with("sk", sk.into())
}

/// One of `shards` shards, always the same for `id`.
fn shard(id: &str, shards: u8) -> u8 {
    Sha256::digest(id)[0] % shards
}

/// A user's profile.
pub fn user(id: &UserId) -> Item {
    pk(format!("USER#{id}"))
}

/// The claim of an e-mail address.
pub fn email(email: &Email) -> Item {
    pk(format!("EMAIL#{}", email.digest()))
}

/// A refresh family.
pub fn session(family: &str) -> Item {
    pk(format!("SESSION#{family}"))
}

/// The tries of `subject` that are counted in a window of time.
pub fn throttle(subject: &str, window: i64) -> Item {
    pk(format!("THROTTLE#{subject}#{window}"))
}

/// A link that is sent by mail.
pub fn link(id: &str) -> Item {
    pk(format!("LINK#{id}"))
}

/// The id of the link with this item's key, if it is one.
pub fn link_of(item: &Item) -> Option<String> {
    let id = item.text("pk").ok()?.strip_prefix("LINK#")?;
    Some(id.to_owned())
}

/// The primary key text of a product, by which the product indexes are sorted.
pub fn product_pk(id: &ProductId) -> String {
    format!("PRODUCT#{id}")
}

/// A product.
pub fn product(id: &ProductId) -> Item {
    pk_sk(product_pk(id), "PRODUCT")
}

/// The shard of the index over all products in which a product is listed.
pub fn product_shard(id: &ProductId) -> String {
    all_products(shard(id.as_str(), PRODUCT_SHARDS))
}

/// A shard of the index over all products.
pub fn all_products(shard: u8) -> String {
    format!("ALL#{shard}")
}

/// A bucket of a product's stock.
pub fn bucket(id: &ProductId, bucket: u8) -> Item {
    pk_sk(format!("STOCK#{id}#{bucket}"), "BUCKET")
}

/// The primary key text under which a product's movements lie.
pub fn movements_pk(id: &ProductId) -> String {
    format!("STOCK#{id}")
}

/// What a bucket's `version`-th change did. The sort keys of a bucket's movements are in order of time.
pub fn movement(id: &ProductId, bucket: u8, version: u64) -> Item {
    pk_sk(movements_pk(id), format!("MOVE#{bucket:02}#{version:016}"))
}

/// That somebody saw that movements of a bucket are missing when it had this version.
pub fn missed(id: &ProductId, bucket: u8, version: u64) -> Item {
    pk_sk(
        format!("MISSED#{id}"),
        format!("SEEN#{bucket:02}#{version:016}"),
    )
}

/// The remembered answer to an adjustment: a key means one adjustment of one product by one caller.
pub fn adjustment(product: &ProductId, caller: &UserId, key: &IdempotencyKey) -> Item {
    pk_sk(
        format!(
            "IDEM#adjust-stock#{}",
            scoped(&[product.as_str(), caller.as_str()], key)
        ),
        "IDEM",
    )
}

/// The remembered answer to a payment: a key, here its digest, means one payment of one order.
pub fn payment(order: &OrderId, key_digest: &str) -> Item {
    pk(format!("IDEM#pay-order#{order}#{key_digest}"))
}

/// The cart of a user or guest.
pub fn cart(subject: &UserId) -> Item {
    pk(format!("CART#{subject}"))
}

/// That a customer's account is deleted.
pub fn deleted(customer: &UserId) -> Item {
    pk(format!("DELETED#{customer}"))
}

/// An event on the built-in bus, by its id.
pub fn event(id: &str) -> Item {
    pk(format!("EVENT#{id}"))
}

/// A message in the mailbox, by its id.
pub fn mail(id: &str) -> Item {
    pk(format!("MAIL#{id}"))
}

/// An order.
pub fn order(id: &OrderId) -> Item {
    pk(format!("ORDER#{id}"))
}

/// The part of the index by day in which an order is listed.
pub fn order_day(id: &OrderId, day: Day) -> String {
    day_shard(day, shard(id.as_str(), DAY_SHARDS))
}

/// The part of the index by day and status in which an order is listed.
pub fn order_day_status(id: &OrderId, day: Day, status: OrderStatus) -> String {
    day_status_shard(day, status, shard(id.as_str(), DAY_SHARDS))
}

/// A shard of a day's orders with a status.
pub fn day_status_shard(day: Day, status: OrderStatus, shard: u8) -> String {
    format!("{}#{}", day_shard(day, shard), status.as_str())
}

/// A shard of a day in the index by day.
pub fn day_shard(day: Day, shard: u8) -> String {
    format!("DAY#{}#{shard}", day.number())
}

/// The part of the index of work in which an order is listed.
pub fn order_due(id: &OrderId) -> String {
    due_shard(shard(id.as_str(), DUE_SHARDS))
}

/// The part of the index of work in which a deletion is listed.
pub fn deletion_due(customer: &UserId) -> String {
    due_shard(shard(customer.as_str(), DUE_SHARDS))
}

/// A shard of the index of work.
pub fn due_shard(shard: u8) -> String {
    format!("DUE#{shard}")
}

/// The built-in payment provider's record of a charge or refund.
pub fn provider(kind: &str, key: &str) -> Item {
    pk(format!("{kind}#{key}"))
}

fn scoped(scope: &[&str], key: &IdempotencyKey) -> String {
    let mut hash = Sha256::new();
    for part in scope {
        hash.update(part);
        hash.update([0]);
    }
    hash.update(key.as_str());
    data_encoding::HEXLOWER.encode(&hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn movements_of_a_bucket_sort_by_version() {
        let id = ProductId::parse("mug").unwrap();
        let sk = |version| movement(&id, 3, version).text("sk").unwrap().to_owned();
        assert!(sk(9) < sk(10) && sk(99_999) < sk(100_000));
    }

    #[test]
    fn a_key_is_one_adjustment_of_one_product_by_one_caller() {
        let (mug, pen) = (
            ProductId::parse("mug").unwrap(),
            ProductId::parse("pen").unwrap(),
        );
        let (ann, bob) = (UserId::from_random([1; 16]), UserId::from_random([2; 16]));
        let key = IdempotencyKey::parse("k").unwrap();
        let base = adjustment(&mug, &ann, &key);
        assert_ne!(base, adjustment(&pen, &ann, &key));
        assert_ne!(base, adjustment(&mug, &bob, &key));
    }
}
