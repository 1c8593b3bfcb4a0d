//! Orders: an order is the record of its own placing, and everything that happens to it is a compare-and-set on its
//! version.

pub mod advance;
mod cart;
mod change;
mod charge;
mod deletion;
pub mod gather;
pub mod intent;
pub mod list;
mod memory;
pub mod pay;
pub mod place;
pub mod record;
pub mod settle;
pub mod sight;

use std::sync::Arc;

use domain::{OrderId, Timestamp};

pub use change::OrderChange;
use memory::Memory;
pub use record::OrderRecord;

use crate::{Catalogue, Db, error::Failure, keys};

/// The orders table.
pub struct Orders {
    pub(crate) db: Arc<Db>,
    pub(crate) table: String,
}

/// There is no such order, or none that the caller may know of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such order")]
pub struct OrderNotFound;

impl Orders {
    /// The orders table with this name.
    pub fn new(db: Arc<Db>, table: String) -> Self {
        Self { db, table }
    }

    /// The time, by the store's clock.
    pub fn now(&self) -> Timestamp {
        self.db.now()
    }

    /// The order as it is now.
    pub async fn find(&self, id: &OrderId) -> Result<Option<OrderRecord>, Failure> {
        let item = self.db.get(&self.table, keys::order(id)).await?;
        Ok(item.map(|item| OrderRecord::read(&item)).transpose()?)
    }
}

/// Orders together with the catalogue they take stock from and return it to.
pub struct Checkout {
    pub(crate) orders: Orders,
    pub(crate) catalogue: Catalogue,
    memory: Memory,
}

impl Checkout {
    /// These orders over this catalogue.
    pub fn new(orders: Orders, catalogue: Catalogue) -> Self {
        Self {
            orders,
            catalogue,
            memory: Memory::default(),
        }
    }

    pub(crate) fn db(&self) -> &Db {
        &self.orders.db
    }
}
