//! Lists of orders: a customer's own, or everybody's for staff, newest first.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Order, OrderId, OrderStatus, Timestamp, UserId, timestamp::Day};
use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{Orders, record::OrderRecord};
use crate::{
    db::Query,
    error::{Corrupt, Failure},
    item::Item,
    keys,
};

/// No order is older than Oxcart itself: 2026-11-01.
const FIRST_DAY: Day = Day::from_number(20_758);
/// The most days one request looks back over.
const MOST_DAYS: usize = 32;
/// The most orders one request reads before it answers with what it found.
const MOST_READ: usize = 500;
/// How long one request looks back before it answers with what it found; the function has five seconds.
const LONGEST: Duration = Duration::from_secs(2);

/// A place in a list of orders: after this order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// When it was placed, in milliseconds.
    at: i64,
    /// Its id; absent at the start of a day.
    id: Option<OrderId>,
}

/// A list and where it goes on.
pub struct OrderPart {
    /// Orders, newest first.
    pub items: Vec<Order>,
    /// Where the next part begins; `None` at the end. A part may be short, even empty, and not be the last.
    pub next: Option<Place>,
}

impl Orders {
    /// At most `limit` orders of a customer, newest first, those with `status` only if it is given.
    pub async fn of_customer(
        &self,
        customer: &UserId,
        status: Option<OrderStatus>,
        limit: usize,
        after: Option<Place>,
    ) -> Result<OrderPart, Failure> {
        let mut found = Found::new(limit, status, after);
        loop {
            let start = found
                .after
                .as_ref()
                .and_then(|place| start(place, "customer", customer.as_str()));
            let page = self
                .page(
                    keys::BY_CUSTOMER,
                    ("customer", customer.as_str()),
                    limit,
                    start,
                    None,
                )
                .await?;
            let more = page.1;
            let full = found.take(self.records(page.0).await?, self.now());
            if full || more && found.read >= MOST_READ {
                return Ok(found.part(true));
            }
            if !more {
                return Ok(found.part(false));
            }
        }
    }

    /// At most `limit` of everybody's orders, newest first, those with `status` only if it is given.
    ///
    /// Goes back day by day over the shards of each, through a month at most and no longer than two seconds; the next part
    /// goes on from there.
    pub async fn of_everybody(
        &self,
        status: Option<OrderStatus>,
        limit: usize,
        after: Option<Place>,
    ) -> Result<OrderPart, Failure> {
        let now = self.now();
        let until = Instant::now() + LONGEST;
        let mut found = Found::new(limit, status, after);
        let mut day = found
            .after
            .as_ref()
            .map_or(now.day(), |place| Timestamp::from_millis(place.at).day());
        let mut days = 0;
        while day >= FIRST_DAY {
            loop {
                let (keys, more) = self.day(day, status, limit, found.after.as_ref()).await?;
                let full = found.take(self.records(keys).await?, now);
                if full || found.read >= MOST_READ && more {
                    return Ok(found.part(true));
                }
                if !more {
                    break;
                }
            }
            day = day.before();
            found.after = Some(Place {
                at: end_of(day),
                id: None,
            });
            days += 1;
            if days == MOST_DAYS || found.read >= MOST_READ || Instant::now() > until {
                return Ok(found.part(day >= FIRST_DAY));
            }
        }
        Ok(found.part(false))
    }

    /// The next orders of a day, newest first, and whether it has more.
    async fn day(
        &self,
        day: Day,
        status: Option<OrderStatus>,
        limit: usize,
        after: Option<&Place>,
    ) -> Result<(Vec<Placed>, bool), Failure> {
        let shards = shards(day, status);
        let shards = shards.iter().map(|shard| self.shard(shard, limit, after));
        let shards = try_join_all(shards).await?;
        // Beyond the last order of a shard that has more, the shards' common order is not known yet. Nor is it in that
        // order's own millisecond: what is left of the shard may share it.
        let known_to = shards
            .iter()
            .filter(|(_, more)| *more)
            .filter_map(|(placed, _)| placed.last().map(|(at, _)| *at))
            .max();
        let mut all: Vec<Placed> = shards.into_iter().flat_map(|(placed, _)| placed).collect();
        all.retain(|(at, _)| known_to.is_none_or(|known_to| *at > known_to));
        all.sort_by(|a, b| b.cmp(a));
        Ok((all, known_to.is_some()))
    }

    /// The next orders of a shard of a day, newest first, and whether it has more: if so, they end in an older
    /// millisecond than they begin, so that at least the first can be placed among those of other shards.
    async fn shard(
        &self,
        shard: &Shard,
        limit: usize,
        after: Option<&Place>,
    ) -> Result<(Vec<Placed>, bool), Failure> {
        let hash = (shard.name, shard.value.as_str());
        // An order may share its millisecond with the last one seen: those are read again and left out.
        let newest = after.map(|place| place.at);
        let mut found: Vec<Placed> = Vec::new();
        let mut start = None;
        loop {
            let (page, more) = self
                .page(shard.index, hash, limit.saturating_add(1), start, newest)
                .await?;
            let Some((at, id)) = page.last() else {
                return Ok((found, false));
            };
            start = Some(start_after(id, hash.0, hash.1, *at));
            found.extend(
                page.into_iter()
                    .filter(|(at, id)| after.is_none_or(|place| is_after(*at, id, place))),
            );
            let spans = matches!((found.first(), found.last()), (Some((first, _)), Some((last, _))) if first > last);
            if !more || spans {
                return Ok((found, more));
            }
        }
    }

    /// The next of all orders of a customer, newest first, those included that can't be read, and where the rest begins.
    pub(super) async fn all_of(
        &self,
        customer: &UserId,
        start: Option<Item>,
    ) -> Result<(Vec<Result<OrderRecord, Corrupt>>, Option<Item>), Failure> {
        let hash = ("customer", customer.as_str());
        let (placed, more) = self.page(keys::BY_CUSTOMER, hash, 100, start, None).await?;
        let last = placed.last().filter(|_| more);
        let next = last.map(|(at, id)| start_after(id, hash.0, hash.1, *at));
        let items = self.items(placed).await?;
        Ok((items.iter().map(OrderRecord::read).collect(), next))
    }

    /// A page of an index, newest first: what was placed when, and whether there is more.
    async fn page(
        &self,
        index: &str,
        hash: (&str, &str),
        limit: usize,
        start: Option<Item>,
        newest: Option<i64>,
    ) -> Result<(Vec<Placed>, bool), Failure> {
        let range = newest.map(|at| ("created_at", "<=", AttributeValue::N(at.to_string())));
        let limit = i32::try_from(limit).unwrap_or(i32::MAX);
        let query = Query {
            table: &self.table,
            index: Some(index),
            hash,
            range,
            ascending: false,
            limit,
            start,
        };
        let page = self.db.query(query).await?;
        let placed = |item: &Item| {
            Ok::<Placed, Corrupt>((item.number("created_at")?, keys::order_of(item)?))
        };
        let found: Result<Vec<Placed>, Corrupt> = page.items.iter().map(placed).collect();
        Ok((found?, page.next.is_some()))
    }

    /// The orders themselves, in the same order.
    async fn records(&self, placed: Vec<Placed>) -> Result<Vec<OrderRecord>, Failure> {
        let items = self.items(placed).await?;
        let records: Result<Vec<OrderRecord>, Corrupt> =
            items.iter().map(OrderRecord::read).collect();
        Ok(records?)
    }

    async fn items(&self, placed: Vec<Placed>) -> Result<Vec<Item>, Failure> {
        let key = |(_, id): &Placed| (self.table.as_str(), keys::order(id));
        let keys: Vec<(&str, Item)> = placed.iter().map(key).collect();
        Ok(self
            .db
            .get_all(&keys)
            .await?
            .into_iter()
            .flatten()
            .collect())
    }
}

/// When an order was placed, and which it is.
type Placed = (i64, OrderId);

/// A partition of an index that holds a part of a day's orders.
struct Shard {
    index: &'static str,
    /// Name and value of its hash key.
    name: &'static str,
    value: String,
}

/// Where a day's orders are listed, those with `status` only if it is given. An order that is shown as expired may still
/// be kept as placed.
fn shards(day: Day, status: Option<OrderStatus>) -> Vec<Shard> {
    let shards = 0..keys::DAY_SHARDS;
    let kept_as: &[OrderStatus] = match &status {
        None => {
            let whole = |shard| Shard {
                index: keys::BY_DAY,
                name: "day",
                value: keys::day_shard(day, shard),
            };
            return shards.map(whole).collect();
        }
        Some(OrderStatus::Expired) => &[OrderStatus::Expired, OrderStatus::Placed],
        Some(status) => std::slice::from_ref(status),
    };
    let with = |status: &OrderStatus| {
        let status = *status;
        (0..keys::DAY_SHARDS).map(move |shard| Shard {
            index: keys::BY_DAY_AND_STATUS,
            name: "day_status",
            value: keys::day_status_shard(day, status, shard),
        })
    };
    kept_as.iter().flat_map(with).collect()
}

/// What a request has found so far.
struct Found {
    items: Vec<Order>,
    limit: usize,
    status: Option<OrderStatus>,
    after: Option<Place>,
    read: usize,
}

impl Found {
    fn new(limit: usize, status: Option<OrderStatus>, after: Option<Place>) -> Self {
        Self {
            items: Vec::new(),
            limit,
            status,
            after,
            read: 0,
        }
    }

    /// Takes what fits; true when there may be more than that.
    fn take(&mut self, records: Vec<OrderRecord>, now: Timestamp) -> bool {
        for record in records {
            if self.items.len() == self.limit {
                return true;
            }
            self.read += 1;
            self.after = Some(Place {
                at: record.order.created_at.as_millis(),
                id: Some(record.order.id.clone()),
            });
            let order = record.shown_at(now);
            if self.status.is_none_or(|status| status == order.status) {
                self.items.push(order);
            }
        }
        false
    }

    fn part(self, more: bool) -> OrderPart {
        OrderPart {
            items: self.items,
            next: self.after.filter(|_| more),
        }
    }
}

/// Newest first, and by id from the last within one millisecond.
fn is_after(at: i64, id: &OrderId, place: &Place) -> bool {
    match &place.id {
        None => at <= place.at,
        Some(last) => (at, id) < (place.at, last),
    }
}

fn end_of(day: Day) -> i64 {
    (day.number() + 1) * 86_400_000 - 1
}

/// The key of an index after which a page begins.
fn start(place: &Place, hash: &str, value: &str) -> Option<Item> {
    let id = place.id.as_ref()?;
    Some(start_after(id, hash, value, place.at))
}

fn start_after(id: &OrderId, hash: &str, value: &str, at: i64) -> Item {
    keys::order(id).with(hash, value).with("created_at", at)
}
