//! Placing an order: one transaction over the order, the stock it takes and the cart it empties.
//!
//! No refusal is spoken before the order's own record was read, and none on the word of what a process remembers.

use std::collections::BTreeMap;

use domain::{
    Allocation, Allocations, Cause, CauseKind, Fingerprint, NewOrder, Offer, Order, OrderId,
    PlaceOrderError, ProductId, Timestamp, allocation::from_fullest,
};
use sha2::{Digest, Sha256};

use super::{
    Checkout,
    memory::Recalled,
    record::OrderRecord,
    sight::{Look, Looking, Sight},
};
use crate::{
    answer::Answer,
    cancellation::Reason,
    catalogue::bucket,
    db::NotCommitted,
    error::{Failure, StoreError},
    retry::ATTEMPTS,
    write::Write,
};

/// The most stock actions in a transaction: DynamoDB allows 100 in all, one is the order's and one may be a cart's.
pub(super) const MOST_STOCK_ACTIONS: usize = 98;

pub(super) type Placing<T> = Result<T, StoreError<PlaceOrderError>>;

impl Checkout {
    /// Places the order, or answers as it was answered the first time.
    pub async fn place(&self, new: NewOrder) -> Placing<Answer> {
        // The time is taken once: whatever is sent again is sent with the same bytes.
        let now = self.db().now();
        let looking = Looking {
            shop: self,
            carts: None,
            new: &new,
        };
        let look = match self.memory.recall(new.products()) {
            Recalled::Offers(offers) if new.at(&offers, now).is_ok() => {
                let look = looking.at_the_record().await?;
                look.map(|()| Sight::of(offers))
            }
            Recalled::SoldOut(offers) => looking.closely(&offers).await?,
            _ => match looking.at_the_offers().await? {
                Look::Open(sight) if sight.seems_short(&new) => {
                    looking.closely(&sight.offers).await?
                }
                look => look,
            },
        };
        self.place_seen(looking, look, now).await
    }

    /// Places an order for which it was looked, and looks again when the transaction is refused.
    pub(super) async fn place_seen(
        &self,
        looking: Looking<'_>,
        look: Look<Sight>,
        now: Timestamp,
    ) -> Placing<Answer> {
        let new = looking.new;
        let mut sight = match look {
            Look::Placed(record) => return replay(&record, &new.fingerprint),
            Look::Refused(refusal) => return self.refuse(new, refusal).await,
            Look::Open(sight) => sight,
        };
        for attempt in 0..ATTEMPTS {
            let order = match new.at(&sight.offers, now) {
                Ok(order) => order,
                Err(refusal) => return self.refuse(new, refusal).await,
            };
            if let Some(allocations) = allocate(new, &sight, attempt) {
                if allocations.0.len() > MOST_STOCK_ACTIONS {
                    self.gather(new, &allocations).await?;
                } else if let Some(answer) = self
                    .commit(looking, order, allocations, &sight, attempt)
                    .await?
                {
                    self.memory.note(&sight.offers);
                    return Ok(answer);
                }
            } else if sight.proves_shortage(new) {
                return self.sold_out(new, &sight).await;
            }
            let seen = match looking.closely(&sight.offers).await? {
                Look::Placed(record) => return replay(&record, &new.fingerprint),
                Look::Refused(refusal) => return self.refuse(new, refusal).await,
                Look::Open(seen) => seen,
            };
            if seen.shows_same_shortage(&sight, new) {
                return self.sold_out(new, &seen).await;
            }
            for (product, offer) in &seen.offers {
                self.catalogue.roll(offer, seen.buckets_of(product)).await?;
            }
            sight = seen;
        }
        Err(Failure::kept_changing("the stock kept changing while the order was placed").into())
    }

    /// Refuses, unless the order is there by now: its record is read after whatever the refusal is drawn from, so that
    /// nobody is refused for what their own order changed.
    async fn refuse(&self, new: &NewOrder, refusal: PlaceOrderError) -> Placing<Answer> {
        self.refuse_unless_placed(&new.id, &new.fingerprint, refusal)
            .await
    }

    pub(super) async fn refuse_unless_placed(
        &self,
        id: &OrderId,
        fingerprint: &Fingerprint,
        refusal: PlaceOrderError,
    ) -> Placing<Answer> {
        match self.orders.find(id).await? {
            Some(record) => replay(&record, fingerprint),
            None => Err(StoreError::Refused(refusal)),
        }
    }

    async fn sold_out(&self, new: &NewOrder, sight: &Sight) -> Placing<Answer> {
        let items = sight.shortages(new);
        let products = items.iter().map(|short| short.product_id.clone());
        self.memory.note_sold_out(&sight.offers, products);
        self.refuse(new, PlaceOrderError::OutOfStock { items })
            .await
    }

    /// The one transaction. `None` when a bucket or the cart refused and it is time to look closely.
    async fn commit(
        &self,
        looking: Looking<'_>,
        order: Order,
        allocations: Allocations,
        sight: &Sight,
        attempt: u32,
    ) -> Placing<Option<Answer>> {
        let new = looking.new;
        let record = OrderRecord::placed(
            order,
            new.customer.clone(),
            new.fingerprint,
            allocations,
            new.cart_version,
        );
        let Some(first) = self.placing(looking, &record, &sight.offers) else {
            return Ok(None);
        };
        // Whoever meets others at a bucket tries another one, if there is one that may do.
        let elsewhere = |conflicts: u32| {
            let allocations = allocate(new, sight, attempt + conflicts)?;
            let fits = allocations.0.len() <= MOST_STOCK_ACTIONS;
            let record = OrderRecord {
                allocations,
                ..record.clone()
            };
            self.placing(looking, &record, &sight.offers)
                .filter(|_| fits)
        };
        let writes = |conflicts: u32| match conflicts {
            0 => first.clone(),
            conflicts => elsewhere(conflicts).unwrap_or_else(|| first.clone()),
        };
        match self.db().transact_one_of(writes).await {
            Ok(()) => Ok(Some(Answer::first(201, record.answer))),
            Err(NotCommitted::Refused(reasons)) => match reasons.into_iter().next() {
                Some(Reason::ConditionFailed(Some(item))) => {
                    replay(&OrderRecord::read(&item)?, &new.fingerprint).map(Some)
                }
                _ => Ok(None),
            },
            Err(NotCommitted::Failed(Failure::OutcomeUnknown(source))) => {
                match self.orders.find(&new.id).await {
                    Ok(Some(found)) => replay(&found, &new.fingerprint).map(Some),
                    // Not there yet is not the same as never: it may still land.
                    _ => Err(Failure::OutcomeUnknown(source).into()),
                }
            }
            Err(NotCommitted::Failed(failure)) => Err(failure.into()),
        }
    }

    /// The writes of the one transaction; `None` when a line has no offer, which the order was priced at.
    fn placing(
        &self,
        Looking { new, carts, .. }: Looking<'_>,
        record: &OrderRecord,
        offers: &BTreeMap<ProductId, Offer>,
    ) -> Option<Vec<Write>> {
        let cause = Cause {
            kind: CauseKind::Order,
            id: new.id.to_string(),
            actor: new.customer.to_string(),
        };
        let table = &self.catalogue.table;
        let take = |it: &Allocation| {
            let line = new.lines.get(usize::from(it.line))?;
            let offer = offers.get(&line.product_id)?;
            Some(bucket::take(table, offer, it.bucket, it.quantity, &cause))
        };
        let order = Write::create(&self.orders.table, record.item());
        let cart = carts.zip(new.cart_version);
        let cart = cart.map(|(carts, version)| carts.placing(&new.customer, version, &new.id));
        let stock: Option<Vec<Write>> = record.allocations.0.iter().map(take).collect();
        let writes = std::iter::once(order).chain(stock?).chain(cart);
        Some(writes.collect())
    }
}

/// The first answer, again. It may be this very attempt's, whose reply was lost on the way: to the client it makes no difference.
pub(super) fn replay(found: &OrderRecord, fingerprint: &Fingerprint) -> Placing<Answer> {
    if found.fingerprint != *fingerprint {
        return Err(StoreError::Refused(PlaceOrderError::KeyReused));
    }
    Ok(Answer {
        status: 201,
        body: found.answer.clone(),
        replayed: true,
    })
}

/// Where each line's pieces are taken from; `None` when the buckets that were seen don't hold enough.
///
/// Without a look, each line tries one bucket, another at each attempt. With one, it takes the fullest.
fn allocate(new: &NewOrder, sight: &Sight, attempt: u32) -> Option<Allocations> {
    let mut allocations = Vec::new();
    for (line, wanted) in (0_u8..).zip(&new.lines) {
        let offer = sight.offers.get(&wanted.product_id)?;
        let taken = match &sight.buckets {
            None => vec![(first_bucket(new, offer, attempt), wanted.quantity)],
            Some(_) => one_bucket(new, sight, wanted, offer, attempt)
                .map(|bucket| vec![(bucket, wanted.quantity)])
                .or_else(|| from_fullest(sight.buckets_of(&wanted.product_id), wanted.quantity))?,
        };
        allocations.extend(taken.into_iter().map(|(bucket, quantity)| Allocation {
            line,
            bucket,
            quantity,
        }));
    }
    Some(Allocations(allocations))
}

/// A bucket that holds the whole line: which one differs from order to order, so that buyers of one product don't all meet at the fullest.
fn one_bucket(
    new: &NewOrder,
    sight: &Sight,
    wanted: &domain::new_order::WantedLine,
    offer: &Offer,
    attempt: u32,
) -> Option<u8> {
    let enough: Vec<u8> = sight
        .buckets_of(&wanted.product_id)
        .iter()
        .filter(|bucket| bucket.available >= i64::from(wanted.quantity))
        .map(|bucket| bucket.number)
        .collect();
    let count = u8::try_from(enough.len()).ok().filter(|count| *count > 0)?;
    enough
        .get(usize::from(spread(new, offer, attempt) % count))
        .copied()
}

/// The bucket a line tries first.
fn first_bucket(new: &NewOrder, offer: &Offer, attempt: u32) -> u8 {
    spread(new, offer, attempt) % offer.buckets.max(1)
}

/// A number that is always the same for an order, a product and an attempt, and otherwise as good as random.
fn spread(new: &NewOrder, offer: &Offer, attempt: u32) -> u8 {
    let mut hash = Sha256::new();
    hash.update(new.id.as_str());
    hash.update(offer.product_id.as_str());
    hash.update(attempt.to_be_bytes());
    hash.finalize()[0]
}
