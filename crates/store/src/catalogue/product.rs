//! A product as an item.

use domain::{Currency, Money, Product, Timestamp};

use crate::{error::Corrupt, item::Item, keys};

/// The item of a new product.
pub(crate) fn item(product: &Product) -> Item {
    keys::product(&product.id)
        .with("shard", keys::product_shard(&product.id))
        .with("title", product.title.as_str())
        .with_some("description", product.description.as_deref())
        .with_some("category", product.category.as_deref())
        .with("price", product.price.amount)
        .with("currency", product.price.currency.code())
        .with_some("image_url", product.image_url.as_deref())
        .with("active", product.active)
        .with("offer_version", product.offer_version)
        .with("buckets", u64::from(product.buckets))
        .with("buckets_ever", u64::from(product.buckets_ever))
        .with("available", product.available)
        .with("in_stock", product.available > 0)
        .with("created_at", product.created_at.as_millis())
        .with("updated_at", product.updated_at.as_millis())
}

/// The product that an item of the table holds.
pub fn read(item: &Item) -> Result<Product, Corrupt> {
    Ok(Product {
        offer_version: item.number("offer_version")?,
        buckets_ever: item.number("buckets_ever")?,
        available: item.number("available")?,
        ..read_listed(item)?.product
    })
}

/// A product as an index lists it.
pub struct Listed {
    /// The product, without what the indexes leave out: offer version, buckets ever and the number available are zero.
    pub product: Product,
    /// Whether there is any, which may lag by seconds.
    pub in_stock: bool,
}

/// The product that an item of an index holds.
pub(crate) fn read_listed(item: &Item) -> Result<Listed, Corrupt> {
    let text = |name| Ok::<_, Corrupt>(item.text_if_any(name)?.map(str::to_owned));
    Ok(Listed {
        in_stock: item.truth("in_stock")?,
        product: Product {
            id: keys::product_of(item)?,
            title: item.text("title")?.to_owned(),
            description: text("description")?,
            category: text("category")?,
            price: Money {
                amount: item.number("price")?,
                currency: item.parsed("currency", Currency::parse)?,
            },
            image_url: text("image_url")?,
            active: item.truth("active")?,
            offer_version: 0,
            buckets: item.number("buckets")?,
            buckets_ever: 0,
            available: 0,
            created_at: Timestamp::from_millis(item.number("created_at")?),
            updated_at: Timestamp::from_millis(item.number("updated_at")?),
        },
    })
}
