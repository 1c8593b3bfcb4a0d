//! Orders: an order is the record of its own placing, and everything that happens to it is a compare-and-set on its
//! version.

pub mod advance;
mod charge;
pub mod gather;
pub mod list;
pub mod pay;
pub mod place;
pub mod record;
pub mod settle;
pub mod sight;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use domain::{Offer, OrderId, ProductId, Timestamp};

pub use record::OrderRecord;
use sight::Sight;

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
    memory: Mutex<Memory>,
}

/// What a process remembers of products between requests. Nothing is refused on its word: the transaction proves it or
/// it is read again.
#[derive(Default)]
struct Memory {
    offers: BTreeMap<ProductId, Offer>,
    sold_out: BTreeSet<ProductId>,
}

/// What a process remembers of an order's products.
pub(crate) enum Recalled {
    /// Not all of them.
    Nothing,
    /// Every offer.
    Offers(BTreeMap<ProductId, Offer>),
    /// Every offer, and that there was too little of one.
    SoldOut(BTreeMap<ProductId, Offer>),
}

/// The most products remembered.
const MOST_REMEMBERED: usize = 1000;

impl Checkout {
    /// These orders over this catalogue.
    pub fn new(orders: Orders, catalogue: Catalogue) -> Self {
        Self {
            orders,
            catalogue,
            memory: Mutex::default(),
        }
    }

    pub(crate) fn db(&self) -> &Db {
        &self.orders.db
    }

    /// What is remembered of `products`.
    fn remembered<'a>(&self, products: impl Iterator<Item = &'a ProductId> + Clone) -> Recalled {
        let Ok(memory) = self.memory.lock() else {
            return Recalled::Nothing;
        };
        let known = |id: &ProductId| Some((id.clone(), memory.offers.get(id)?.clone()));
        let Some(offers) = products.clone().map(known).collect() else {
            return Recalled::Nothing;
        };
        if products.into_iter().any(|id| memory.sold_out.contains(id)) {
            Recalled::SoldOut(offers)
        } else {
            Recalled::Offers(offers)
        }
    }

    fn remember(&self, offers: &BTreeMap<ProductId, Offer>) {
        let Ok(mut memory) = self.memory.lock() else {
            return;
        };
        if memory.offers.len() + offers.len() > MOST_REMEMBERED {
            *memory = Memory::default();
        }
        for (id, offer) in offers {
            memory.sold_out.remove(id);
            memory.offers.insert(id.clone(), offer.clone());
        }
    }

    /// Notes that there is too little of `products`, so that the next try looks before it writes.
    fn remember_sold_out(&self, sight: &Sight, products: impl Iterator<Item = ProductId>) {
        self.remember(&sight.offers);
        if let Ok(mut memory) = self.memory.lock() {
            memory.sold_out.extend(products);
        }
    }
}
