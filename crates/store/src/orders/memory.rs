//! What a process remembers of products between requests. Nothing is refused on its word: the transaction proves it or
//! it is read again.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

use domain::{Offer, ProductId};

/// The most products remembered.
const MOST_REMEMBERED: usize = 1000;

/// What is remembered.
#[derive(Default)]
pub(super) struct Memory(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    offers: BTreeMap<ProductId, Offer>,
    sold_out: BTreeSet<ProductId>,
}

/// What a process remembers of an order's products.
pub(super) enum Recalled {
    /// Not all of them.
    Nothing,
    /// Every offer.
    Offers(BTreeMap<ProductId, Offer>),
    /// Every offer, and that there was too little of one.
    SoldOut(BTreeMap<ProductId, Offer>),
}

impl Memory {
    /// What is remembered of `products`.
    pub(super) fn recall<'a>(
        &self,
        products: impl Iterator<Item = &'a ProductId> + Clone,
    ) -> Recalled {
        let Ok(remembered) = self.0.lock() else {
            return Recalled::Nothing;
        };
        let known = |id: &ProductId| Some((id.clone(), remembered.offers.get(id)?.clone()));
        let Some(offers) = products.clone().map(known).collect() else {
            return Recalled::Nothing;
        };
        if products
            .into_iter()
            .any(|id| remembered.sold_out.contains(id))
        {
            Recalled::SoldOut(offers)
        } else {
            Recalled::Offers(offers)
        }
    }

    /// Notes at which offers products sell, and that there is some of each.
    pub(super) fn note(&self, offers: &BTreeMap<ProductId, Offer>) {
        let Ok(mut remembered) = self.0.lock() else {
            return;
        };
        if remembered.offers.len() + offers.len() > MOST_REMEMBERED {
            *remembered = Remembered::default();
        }
        for (id, offer) in offers {
            remembered.sold_out.remove(id);
            remembered.offers.insert(id.clone(), offer.clone());
        }
    }

    /// Notes that there is too little of `products`, so that the next try looks before it writes.
    pub(super) fn note_sold_out(
        &self,
        offers: &BTreeMap<ProductId, Offer>,
        products: impl Iterator<Item = ProductId>,
    ) {
        self.note(offers);
        if let Ok(mut remembered) = self.0.lock() {
            remembered.sold_out.extend(products);
        }
    }
}
