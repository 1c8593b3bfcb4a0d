//! Telling the bus once more, of events that are made anew from the orders' own histories: for what never reached it, or
//! was lost by whoever listened. They are the same to the byte, so whoever knows them by their ids hears nothing new.

mod telling;

use std::{collections::BTreeMap, time::Duration};

use domain::{OrderId, Timestamp};

use super::EventBus;
use crate::{
    error::{Corrupt, Failure, Source},
    item::Item,
    keys::{self, Key},
    orders::{OrderChange, OrderRecord, Orders},
};
use telling::Telling;

/// Which events are told again: those that are all of this.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// About one of these orders, or of any when there are none.
    pub orders: Vec<OrderId>,
    /// That happened then or later.
    pub since: Option<Timestamp>,
    /// That happened earlier.
    pub until: Option<Timestamp>,
    /// That an earlier replay, which ended there, has not told.
    pub from: Checkpoint,
}

/// Where a replay stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// Everything is told of the orders up to this one, in the order in which they are read: that of the table, or in which they
    /// are named.
    pub after: Option<OrderId>,
    /// Of orders after that: the version up to which their events are told.
    pub told: BTreeMap<OrderId, u64>,
}

/// How far it came.
#[derive(Debug, Default)]
pub struct Told {
    /// Orders of which something was to be told, and all of that is.
    pub orders: usize,
    /// Events that the bus has taken, or would be told.
    pub events: usize,
    /// How many of these the bus did not have; `None` if it does not say.
    pub new: Option<usize>,
    /// What can't be read, and is left out.
    pub unreadable: Vec<Corrupt>,
    /// From where another one can go on.
    pub checkpoint: Checkpoint,
}

/// What there is to say while it goes on.
pub enum Progress<'p> {
    /// How far it came.
    Told(&'p Told),
    /// The bus takes nothing for the moment, and is left alone for so long.
    Paused(Duration, &'p Source),
}

/// Why no more is told.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The orders can't be read.
    #[error("the orders can't be read")]
    Unread(#[from] Failure),
    /// An order that is named is not there. Nothing was told.
    #[error("there is no order {0}")]
    NoOrder(OrderId),
    /// The bus does not take an event.
    #[error("the bus does not take {event}")]
    Untold {
        /// The event's id.
        event: String,
        /// Why.
        source: Source,
    },
}

impl Orders {
    /// Tells `bus` of what is wanted, each order's events in their order, and notes in `told` how far that came. A bus that takes
    /// nothing for the moment is told again, for about a minute. Without a bus it only counts.
    pub async fn replay(
        &self,
        selection: &Selection,
        bus: Option<&dyn EventBus>,
        told: &mut Told,
        progress: impl Fn(Progress<'_>),
    ) -> Result<(), ReplayError> {
        told.checkpoint = selection.from.clone();
        let telling = Telling {
            selection,
            bus,
            progress: &progress,
        };
        if !selection.orders.is_empty() {
            let mut records = Vec::new();
            for id in selection.named_after() {
                let found = self.find(id).await?;
                records.push(found.ok_or_else(|| ReplayError::NoOrder(id.clone()))?);
            }
            return telling.tell(&records, told).await;
        }
        let mut start = selection.from.after.as_ref().map(keys::order);
        loop {
            let page = self.db.scan(&self.table, start).await?;
            let mut records = Vec::new();
            for item in &page.items {
                match order_in(item) {
                    Ok(record) => records.extend(record),
                    Err(corrupt) => told.unreadable.push(corrupt),
                }
            }
            telling.tell(&records, told).await?;
            progress(Progress::Told(told));
            start = page.next;
            if start.is_none() {
                return Ok(());
            }
        }
    }
}

/// The order that an item is, if it is one.
fn order_in(item: &Item) -> Result<Option<OrderRecord>, Corrupt> {
    let is_order = matches!(Key::of(item)?, Key::Order(_));
    is_order.then(|| OrderRecord::read(item)).transpose()
}

impl Selection {
    /// The orders that are named, without those of which everything is told.
    fn named_after(&self) -> impl Iterator<Item = &OrderId> {
        let mut orders = self.orders.iter();
        let done = orders.position(|id| Some(id) == self.from.after.as_ref());
        self.orders.iter().skip(done.map_or(0, |done| done + 1))
    }

    fn takes(&self, event: &OrderChange) -> bool {
        let told = self.from.told.get(&event.order_id);
        self.since.is_none_or(|since| event.at >= since)
            && self.until.is_none_or(|until| event.at < until)
            && told.is_none_or(|version| event.version > *version)
    }
}

impl Told {
    /// Notes that the bus has taken these.
    fn took(&mut self, events: &[OrderChange], new: Option<usize>) {
        self.events += events.len();
        if let Some(new) = new {
            *self.new.get_or_insert(0) += new;
        }
        for event in events {
            let told = &mut self.checkpoint.told;
            told.insert(event.order_id.clone(), event.version);
        }
    }

    /// Notes that all is told of these orders, of which there was something to tell of so many.
    fn finished(&mut self, records: &[OrderRecord], of: usize) {
        self.orders += of;
        for record in records {
            self.checkpoint.told.remove(&record.order.id);
        }
        if let Some(last) = records.last() {
            self.checkpoint.after = Some(last.order.id.clone());
        }
    }
}
