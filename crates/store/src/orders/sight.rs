//! Looking at everything an order depends on, in one read, before anything is refused.

use std::collections::BTreeMap;

use domain::{Bucket, NewOrder, Offer, ProductId, new_order::Shortage};

use super::{Checkout, record::OrderRecord};
use crate::{
    catalogue::{bucket, not_there_yet, product},
    error::Failure,
    item::Item,
    keys,
};

/// What was seen.
pub(super) enum Look {
    /// The order is there already.
    Placed(Box<OrderRecord>),
    /// It is not; this is what the shop offers.
    Open(Sight),
}

/// Products, and the buckets of some of them, as they were at one moment or nearly so.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sight {
    /// Every wanted product that exists.
    pub(super) offers: BTreeMap<ProductId, Offer>,
    /// All buckets of every wanted product that exists, if they were looked at.
    pub(super) buckets: Option<BTreeMap<ProductId, Vec<Bucket>>>,
}

impl Sight {
    /// What each line falls short of.
    pub(super) fn shortages(&self, new: &NewOrder) -> Vec<Shortage> {
        let Some(buckets) = &self.buckets else {
            return Vec::new();
        };
        let short = |line: &domain::new_order::WantedLine| {
            let available: i64 = buckets
                .get(&line.product_id)?
                .iter()
                .map(|bucket| bucket.available)
                .sum();
            let short = available < i64::from(line.quantity);
            short.then(|| Shortage {
                product_id: line.product_id.clone(),
                requested: line.quantity,
                available,
            })
        };
        new.lines.iter().filter_map(short).collect()
    }

    /// Whether this sight alone proves a shortage: each product that falls short has one bucket, read at one moment.
    pub(super) fn proves_shortage(&self, new: &NewOrder) -> bool {
        let shortages = self.shortages(new);
        !shortages.is_empty()
            && shortages
                .iter()
                .all(|short| self.buckets_of(&short.product_id).len() == 1)
    }

    /// Whether an earlier sight showed the same buckets of every product that falls short: several buckets are read one
    /// by one, and only when none changed between two sights was there a moment at which all were as seen.
    pub(super) fn shows_same_shortage(&self, earlier: &Self, new: &NewOrder) -> bool {
        let shortages = self.shortages(new);
        !shortages.is_empty()
            && shortages.iter().all(|short| {
                self.buckets_of(&short.product_id) == earlier.buckets_of(&short.product_id)
            })
    }

    pub(super) fn buckets_of(&self, product: &ProductId) -> &[Bucket] {
        self.buckets
            .as_ref()
            .and_then(|buckets| buckets.get(product))
            .map_or(&[], Vec::as_slice)
    }
}

impl Checkout {
    /// Reads the order's own record and the wanted products.
    pub(super) async fn look(&self, new: &NewOrder) -> Result<Look, Failure> {
        self.look_at(new, None).await
    }

    /// Reads the order's own record, the wanted products and all their buckets. `offers` says how many buckets each product
    /// has; should one have more by now, they are read as well.
    pub(super) async fn look_closely(
        &self,
        new: &NewOrder,
        offers: &BTreeMap<ProductId, Offer>,
    ) -> Result<Look, Failure> {
        match self.look_at(new, Some(offers)).await? {
            Look::Open(sight) if grown(offers, &sight.offers) => {
                self.look_at(new, Some(&sight.offers)).await
            }
            look => Ok(look),
        }
    }

    async fn look_at(
        &self,
        new: &NewOrder,
        offers: Option<&BTreeMap<ProductId, Offer>>,
    ) -> Result<Look, Failure> {
        let (orders, catalogue) = (self.orders.table.as_str(), self.catalogue.table.as_str());
        let mut keys: Vec<(&str, Item)> = vec![(orders, keys::order(&new.id))];
        keys.extend(
            new.lines
                .iter()
                .map(|line| (catalogue, keys::product(&line.product_id))),
        );
        for offer in offers.into_iter().flat_map(BTreeMap::values) {
            keys.extend(
                (0..offer.buckets_ever)
                    .map(|number| (catalogue, keys::bucket(&offer.product_id, number))),
            );
        }
        let mut items = self.db().get_all(&keys).await?.into_iter();
        if let Some(item) = items.next().flatten() {
            return Ok(Look::Placed(Box::new(OrderRecord::read(&item)?)));
        }
        let mut seen = BTreeMap::new();
        for item in items.by_ref().take(new.lines.len()).flatten() {
            let offer = product::read(&item)?.offer();
            seen.insert(offer.product_id.clone(), offer);
        }
        let mut buckets: BTreeMap<ProductId, Vec<Bucket>> = BTreeMap::new();
        for (item, (_, key)) in items.zip(keys.iter().skip(1 + new.lines.len())) {
            let item = item.ok_or_else(|| not_there_yet(key))?;
            let (product, _) = item.parsed("pk", keys::parse_bucket)?;
            buckets
                .entry(product)
                .or_default()
                .push(bucket::read(&item)?);
        }
        Ok(Look::Open(Sight {
            offers: seen,
            buckets: offers.map(|_| buckets),
        }))
    }
}

fn grown(before: &BTreeMap<ProductId, Offer>, now: &BTreeMap<ProductId, Offer>) -> bool {
    now.iter().any(|(id, offer)| {
        before
            .get(id)
            .is_none_or(|before| before.buckets_ever < offer.buckets_ever)
    })
}
