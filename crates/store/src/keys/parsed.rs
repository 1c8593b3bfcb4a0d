//! Keys read back: which item a key is of.

use domain::{OrderId, ProductId, UserId};

use crate::{error::Corrupt, item::Item};

/// What a key names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A product.
    Product(ProductId),
    /// A bucket of a product's stock.
    Bucket(ProductId, u8),
    /// A movement of a bucket.
    Movement(ProductId, u8),
    /// That movements of a bucket are missing.
    Missed(ProductId, u8),
    /// A user's or guest's cart.
    Cart(UserId),
    /// An order.
    Order(OrderId),
    /// That a customer's account is deleted.
    Deleted(UserId),
    /// An event on the built-in bus.
    Event,
    /// A charge in the built-in provider's ledger, by the provider's key.
    Charge(String),
    /// A return in that ledger, by the provider's key.
    Refund(String),
    /// Anything else.
    Other,
}

impl Key {
    /// What an item's key names.
    pub fn of(item: &Item) -> Result<Self, Corrupt> {
        let (pk, sk) = (item.text("pk")?, item.text_if_any("sk")?);
        Self::parse(pk, sk).ok_or_else(|| item.corrupt("pk"))
    }

    /// What this key names; `None` when it begins like one of ours and does not go on so.
    fn parse(pk: &str, sk: Option<&str>) -> Option<Self> {
        let (kind, rest) = pk.split_once('#')?;
        Some(match kind {
            "PRODUCT" => Self::Product(ProductId::parse(rest)?),
            "STOCK" if sk == Some("BUCKET") => {
                let (product, bucket) = rest.rsplit_once('#')?;
                Self::Bucket(ProductId::parse(product)?, bucket.parse().ok()?)
            }
            "STOCK" => {
                let bucket = sk?.strip_prefix("MOVE#")?.split('#').next()?;
                Self::Movement(ProductId::parse(rest)?, bucket.parse().ok()?)
            }
            "MISSED" => {
                let bucket = sk?.strip_prefix("SEEN#")?.split('#').next()?;
                Self::Missed(ProductId::parse(rest)?, bucket.parse().ok()?)
            }
            "CART" => Self::Cart(UserId::parse(rest)?),
            "ORDER" => Self::Order(OrderId::parse(rest)?),
            "DELETED" => Self::Deleted(UserId::parse(rest)?),
            "EVENT" => Self::Event,
            super::CHARGE => Self::Charge(rest.to_owned()),
            super::REFUND => Self::Refund(rest.to_owned()),
            _ => Self::Other,
        })
    }
}

macro_rules! only {
    ($(#[$doc:meta])* $name:ident, $kind:ident -> $id:ty) => {
        $(#[$doc])*
        pub fn $name(item: &Item) -> Result<$id, Corrupt> {
            match Key::of(item)? {
                Key::$kind(id) => Ok(id),
                _ => Err(item.corrupt("pk")),
            }
        }
    };
}

only! {
    /// The product with this item's key.
    product_of, Product -> ProductId
}

only! {
    /// The order with this item's key.
    order_of, Order -> OrderId
}

only! {
    /// Whose cart has this item's key.
    cart_of, Cart -> UserId
}

/// The product and the number of the bucket with this item's key.
pub fn bucket_of(item: &Item) -> Result<(ProductId, u8), Corrupt> {
    match Key::of(item)? {
        Key::Bucket(product, number) => Ok((product, number)),
        _ => Err(item.corrupt("pk")),
    }
}

/// The product and the number of the bucket of which this item's key names a movement.
pub fn movement_of(item: &Item) -> Result<(ProductId, u8), Corrupt> {
    match Key::of(item)? {
        Key::Movement(product, number) => Ok((product, number)),
        _ => Err(item.corrupt("pk")),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::*, *};

    #[test]
    fn every_key_is_read_back_as_what_it_was_made_of() {
        let mug = ProductId::parse("blue-mug").unwrap();
        let (user, guest) = (UserId::from_random([1; 16]), UserId::guest([1; 16]));
        let order_id = OrderId::parse("ord_aaaaaaaaaaaaaaaaaaaaaaaaaa").unwrap();
        for (key, read) in [
            (product(&mug), Key::Product(mug.clone())),
            (bucket(&mug, 0), Key::Bucket(mug.clone(), 0)),
            (bucket(&mug, 63), Key::Bucket(mug.clone(), 63)),
            (movement(&mug, 9, 100), Key::Movement(mug.clone(), 9)),
            (missed(&mug, 9, 100), Key::Missed(mug, 9)),
            (cart(&user), Key::Cart(user.clone())),
            (cart(&guest), Key::Cart(guest)),
            (deleted(&user), Key::Deleted(user.clone())),
            (order(&order_id), Key::Order(order_id)),
            (event("ord_a#1"), Key::Event),
            (provider(CHARGE, "ord_a#1"), Key::Charge("ord_a#1".into())),
            (provider(REFUND, "ord_a#2"), Key::Refund("ord_a#2".into())),
            (super::super::user(&user), Key::Other),
        ] {
            assert_eq!(Key::of(&key).unwrap(), read);
        }
    }

    #[test]
    fn a_key_that_does_not_go_on_as_ours_do_is_corrupt() {
        for (pk, sk) in [
            ("STOCK#mug", Some("BUCKET")),
            ("STOCK#mug#x", Some("BUCKET")),
            ("STOCK#mug", None),
            ("STOCK#mug", Some("MOVE#x#1")),
            ("MISSED#mug", Some("MOVE#00#1")),
            ("ORDER#1", None),
            ("CART#", None),
            ("PRODUCT#Ü", Some("PRODUCT")),
            ("nothing", None),
        ] {
            let key = Item::default().with("pk", pk).with_some("sk", sk);
            assert!(Key::of(&key).is_err(), "{pk} {sk:?}");
        }
    }
}
