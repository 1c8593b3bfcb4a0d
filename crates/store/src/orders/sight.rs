//! Looking at everything an order depends on, in one read, before anything is refused.

use std::collections::BTreeMap;

use domain::{Bucket, NewOrder, Offer, PlaceOrderError, ProductId, new_order::Shortage};

use super::{Checkout, cart, record::OrderRecord};
use crate::{
    Carts, carts,
    catalogue::{bucket, not_there_yet, product},
    error::Failure,
    item::Item,
    keys,
};

/// What was seen.
pub(super) enum Look<T> {
    /// The order is there already.
    Placed(Box<OrderRecord>),
    /// It is not, and it can't be placed as things are.
    Refused(PlaceOrderError),
    /// It is not there yet; this is what the shop offers.
    Open(T),
}

impl<T> Look<T> {
    pub(super) fn map<U>(self, open: impl FnOnce(T) -> U) -> Look<U> {
        match self {
            Self::Placed(record) => Look::Placed(record),
            Self::Refused(refusal) => Look::Refused(refusal),
            Self::Open(seen) => Look::Open(open(seen)),
        }
    }
}

/// Products, and the buckets of some of them, as they were at one moment or nearly so.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sight {
    /// Every wanted product that exists.
    pub(super) offers: BTreeMap<ProductId, Offer>,
    /// All buckets of every wanted product that exists, if they were looked at.
    pub(super) buckets: Option<BTreeMap<ProductId, Vec<Bucket>>>,
    /// How many pieces the products say that there are, if they were read. That may lag behind by seconds.
    shown: BTreeMap<ProductId, i64>,
}

impl Sight {
    /// Offers that are remembered, with no look at the buckets.
    pub(super) fn of(offers: BTreeMap<ProductId, Offer>) -> Self {
        Self {
            offers,
            ..Self::default()
        }
    }

    /// Whether a product says that there are fewer pieces than are wanted. It proves nothing, but whoever is to be
    /// refused is better refused by a read than by a write that fails.
    pub(super) fn seems_short(&self, new: &NewOrder) -> bool {
        let short = |line: &domain::new_order::WantedLine| {
            let shown = self.shown.get(&line.product_id);
            shown.is_some_and(|shown| *shown < i64::from(line.quantity))
        };
        new.lines.iter().any(short)
    }

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

/// What an order stands on: the tables it is read from, and of whose cart it is, if it is of one.
#[derive(Clone, Copy)]
pub(super) struct Looking<'a> {
    pub(super) shop: &'a Checkout,
    pub(super) carts: Option<&'a Carts>,
    pub(super) new: &'a NewOrder,
}

impl Looking<'_> {
    /// Reads whether the order is there already, and whether its customer and cart allow it.
    pub(super) async fn at_the_record(self) -> Result<Look<()>, Failure> {
        let keys = self.head();
        let mut items = self.shop.db().get_all(&keys).await?.into_iter();
        self.read_head(&mut items)
    }

    /// Reads the wanted products, too.
    pub(super) async fn at_the_offers(self) -> Result<Look<Sight>, Failure> {
        self.look(None).await
    }

    /// Reads the wanted products and all their buckets, too. `offers` says how many buckets each product has; should one
    /// have more by now, they are read as well.
    pub(super) async fn closely(
        self,
        offers: &BTreeMap<ProductId, Offer>,
    ) -> Result<Look<Sight>, Failure> {
        match self.look(Some(offers)).await? {
            Look::Open(sight) if grown(offers, &sight.offers) => {
                self.look(Some(&sight.offers)).await
            }
            look => Ok(look),
        }
    }

    async fn look(
        self,
        offers: Option<&BTreeMap<ProductId, Offer>>,
    ) -> Result<Look<Sight>, Failure> {
        let (new, catalogue) = (self.new, self.shop.catalogue.table.as_str());
        let mut keys = self.head();
        let product = |id: &ProductId| (catalogue, keys::product(id));
        keys.extend(new.lines.iter().map(|line| product(&line.product_id)));
        let buckets_from = keys.len();
        for offer in offers.into_iter().flat_map(BTreeMap::values) {
            keys.extend(
                (0..offer.buckets_ever)
                    .map(|number| (catalogue, keys::bucket(&offer.product_id, number))),
            );
        }
        let mut items = self.shop.db().get_all(&keys).await?.into_iter();
        match self.read_head(&mut items)? {
            Look::Open(()) => {}
            closed => return Ok(closed.map(|()| Sight::default())),
        }
        let mut seen = BTreeMap::new();
        let mut shown = BTreeMap::new();
        for item in items.by_ref().take(new.lines.len()).flatten() {
            let product = product::read(&item)?;
            seen.insert(product.id.clone(), product.offer());
            shown.insert(product.id, product.available);
        }
        let mut buckets: BTreeMap<ProductId, Vec<Bucket>> = BTreeMap::new();
        for (item, (_, key)) in items.zip(keys.iter().skip(buckets_from)) {
            let item = item.ok_or_else(|| not_there_yet(key))?;
            let (product, _) = keys::bucket_of(&item)?;
            buckets
                .entry(product)
                .or_default()
                .push(bucket::read(&item)?);
        }
        Ok(Look::Open(Sight {
            offers: seen,
            buckets: offers.map(|_| buckets),
            shown,
        }))
    }

    /// The keys of what decides before any product does.
    fn head(&self) -> Vec<(&str, Item)> {
        let orders = self.shop.orders.table.as_str();
        let mut keys = vec![
            (orders, keys::order(&self.new.id)),
            (orders, keys::deleted(&self.new.customer)),
        ];
        keys.extend(
            self.carts
                .map(|carts| (carts.table.as_str(), keys::cart(&self.new.customer))),
        );
        keys
    }

    fn read_head(
        &self,
        items: &mut impl Iterator<Item = Option<Item>>,
    ) -> Result<Look<()>, Failure> {
        if let Some(item) = items.next().flatten() {
            return Ok(Look::Placed(Box::new(OrderRecord::read(&item)?)));
        }
        if items.next().flatten().is_some() {
            return Ok(Look::Refused(PlaceOrderError::AccountDeleted));
        }
        if let (Some(_), Some(version)) = (self.carts, self.new.cart_version) {
            let found = carts::read(items.next().flatten())?;
            if let Err(refusal) = cart::ordered(found, version) {
                return Ok(Look::Refused(refusal));
            }
        }
        Ok(Look::Open(()))
    }
}

fn grown(before: &BTreeMap<ProductId, Offer>, now: &BTreeMap<ProductId, Offer>) -> bool {
    now.iter().any(|(id, offer)| {
        before
            .get(id)
            .is_none_or(|before| before.buckets_ever < offer.buckets_ever)
    })
}
