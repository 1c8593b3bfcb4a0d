//! Products and their stock.
//!
//! Other services compose orders from the writes that are built here and in [`bucket`]; what a product or a bucket
//! looks like is known nowhere else.

pub mod adjust;
pub mod bucket;
pub mod history;
pub mod list;
pub mod movement;
pub mod product;
pub mod put;
pub mod roll;

use std::sync::Arc;

use domain::{Bucket, Product, ProductId, stock::Stock};

use crate::{Db, error::Failure, item::Item, keys};

/// The catalogue table.
pub struct Catalogue {
    pub(crate) db: Arc<Db>,
    pub(crate) table: String,
}

/// A bucket, by product and number.
pub type BucketKey = (ProductId, u8);

/// There is no such product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such product")]
pub struct ProductNotFound;

impl Catalogue {
    /// The catalogue table with this name.
    pub fn new(db: Arc<Db>, table: String) -> Self {
        Self { db, table }
    }

    /// The product, as it was within the last moments.
    pub async fn product_lately(&self, id: &ProductId) -> Result<Option<Product>, Failure> {
        let item = self.db.get_lately(&self.table, keys::product(id)).await?;
        Ok(item.map(|item| product::read(&item)).transpose()?)
    }

    /// The product as it is now.
    pub async fn product(&self, id: &ProductId) -> Result<Option<Product>, Failure> {
        let item = self.db.get(&self.table, keys::product(id)).await?;
        Ok(item.map(|item| product::read(&item)).transpose()?)
    }

    /// The product and each of its buckets as they are now.
    pub async fn stock(&self, id: &ProductId) -> Result<Option<(Product, Stock)>, Failure> {
        let Some(product) = self.product(id).await? else {
            return Ok(None);
        };
        let buckets = self.buckets(id, product.buckets_ever).await?;
        Ok(Some((product, Stock::of(id.clone(), buckets))))
    }

    /// Buckets 0 to `count` - 1, each as it is now.
    pub async fn buckets(&self, id: &ProductId, count: u8) -> Result<Vec<Bucket>, Failure> {
        let keys: Vec<(&str, Item)> = (0..count)
            .map(|number| (self.table.as_str(), keys::bucket(id, number)))
            .collect();
        let items = self.db.get_all(&keys).await?;
        items
            .into_iter()
            .zip(&keys)
            .map(|(item, (_, key))| Ok(bucket::read(&item.ok_or_else(|| not_there_yet(key))?)?))
            .collect()
    }
}

/// A bucket that its product speaks of can't be found: reads of several items may see a transaction that adds buckets
/// half done. The auditor names one that stays away.
pub(crate) fn not_there_yet(key: &Item) -> Failure {
    Failure::Busy(Box::new(key.corrupt("pk")))
}
