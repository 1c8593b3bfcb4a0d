//! Telling the bus once more, of events that are made anew from the orders' own histories: for what never reached it, or
//! was lost by whoever listened. They are the same to the byte, so whoever knows them by their ids hears nothing new.

use domain::{OrderId, Timestamp};

use super::{EventBus, Unpublished};
use crate::{
    error::{Corrupt, Failure, Source},
    item::Item,
    keys::Key,
    orders::{OrderChange, OrderRecord, Orders},
};

/// Which events are told again: those that are all of this.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// About one of these orders, or of any when there are none.
    pub orders: Vec<OrderId>,
    /// That happened then or later.
    pub since: Option<Timestamp>,
    /// That happened earlier.
    pub until: Option<Timestamp>,
}

/// How far it came.
#[derive(Debug, Default)]
pub struct Told {
    /// Orders that were read.
    pub orders: usize,
    /// Events that the bus has taken, or would be told.
    pub events: usize,
    /// What can't be read, and is left out.
    pub unreadable: Vec<Corrupt>,
}

/// Why no more is told.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The orders can't be read.
    #[error("the orders can't be read")]
    Unread(#[from] Failure),
    /// An order that is named is not there.
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
    /// Tells `bus` of what is wanted, each order's events in their order, and notes in `told` how far that came. Without a
    /// bus it only counts. `progress` hears of it part by part.
    pub async fn replay(
        &self,
        selection: &Selection,
        bus: Option<&dyn EventBus>,
        told: &mut Told,
        progress: impl Fn(&Told),
    ) -> Result<(), ReplayError> {
        if !selection.orders.is_empty() {
            let mut records = Vec::new();
            for id in &selection.orders {
                let found = self.find(id).await?;
                records.push(found.ok_or_else(|| ReplayError::NoOrder(id.clone()))?);
            }
            return tell(&records, selection, bus, told).await;
        }
        let mut start = None;
        loop {
            let page = self.db.scan(&self.table, start).await?;
            let mut records = Vec::new();
            for item in &page.items {
                match order_in(item) {
                    Ok(record) => records.extend(record),
                    Err(corrupt) => told.unreadable.push(corrupt),
                }
            }
            tell(&records, selection, bus, told).await?;
            progress(told);
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

async fn tell(
    records: &[OrderRecord],
    selection: &Selection,
    bus: Option<&dyn EventBus>,
    told: &mut Told,
) -> Result<(), ReplayError> {
    told.orders += records.len();
    let events = in_rounds(records, selection);
    if let Some(bus) = bus
        && let Err(Unpublished { at, source }) = bus.publish(&events).await
    {
        told.events += at;
        let event = events[at].id.clone();
        return Err(ReplayError::Untold { event, source });
    }
    told.events += events.len();
    Ok(())
}

/// The events of these orders that are wanted, everybody's first before anybody's second: an order's stay in their order,
/// and beside each other stand those of different orders, of which a bus may take several at once.
fn in_rounds(records: &[OrderRecord], selection: &Selection) -> Vec<OrderChange> {
    let numbered = |record| OrderChange::all_of(record).into_iter().enumerate();
    let mut events: Vec<(usize, OrderChange)> = records.iter().flat_map(numbered).collect();
    events.sort_by_key(|(round, _)| *round);
    let events = events.into_iter().map(|(_, event)| event);
    events.filter(|event| selection.takes(event)).collect()
}

impl Selection {
    fn takes(&self, event: &OrderChange) -> bool {
        self.since.is_none_or(|since| event.at >= since)
            && self.until.is_none_or(|until| event.at < until)
    }
}

#[cfg(test)]
mod tests {
    use domain::{OrderStatus, order::Party};

    use super::*;
    use crate::golden;

    /// An order with this id that was placed, then paid ten seconds later.
    fn paid(id: char) -> OrderRecord {
        let mut record = golden::order();
        let id = format!("ord_{}", id.to_string().repeat(26));
        record.order.id = OrderId::parse(&id).unwrap();
        record.order.version = 3;
        let later = Timestamp::from_millis(1_795_388_231_000);
        record.reach(OrderStatus::Paid, later, Party::Customer);
        record
    }

    fn told(selection: &Selection) -> Vec<String> {
        let records = [paid('a'), paid('b')];
        let events = in_rounds(&records, selection).into_iter();
        let told = events.map(|event| {
            let order = event.order_id.as_str().chars().last().unwrap();
            format!("{order} {}", event.kind)
        });
        told.collect()
    }

    #[test]
    fn an_orders_events_stay_in_their_order_with_others_in_between() {
        let all = [
            "a order.placed",
            "b order.placed",
            "a order.paid",
            "b order.paid",
        ];
        assert_eq!(told(&Selection::default()), all);
    }

    #[test]
    fn what_happened_at_the_start_is_told_and_what_happened_at_the_end_is_not() {
        let later = Timestamp::parse("2026-11-22T22:57:11Z");
        let since = Selection {
            since: later,
            ..Selection::default()
        };
        assert_eq!(told(&since), ["a order.paid", "b order.paid"]);
        let until = Selection {
            until: later,
            ..Selection::default()
        };
        assert_eq!(told(&until), ["a order.placed", "b order.placed"]);
    }
}
