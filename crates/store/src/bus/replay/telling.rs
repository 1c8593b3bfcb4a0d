//! Handing events over again, some orders at a time, to a bus that may be busy.

use std::{collections::BTreeSet, time::Duration};

use domain::OrderId;

use super::{Progress, ReplayError, Selection, Told};
use crate::{
    bus::{EventBus, HandedOver, Unpublished},
    orders::{OrderChange, OrderRecord},
};

/// Of so many orders the events are told together: as many as a bus may take events at once, and few enough that it can be said
/// of each what was told if it ends among them.
const TOGETHER: usize = 10;
/// For how many seconds a bus that takes nothing is left alone, again and again. After the last time it is given up.
const PAUSES: [u64; 6] = [1, 2, 4, 8, 16, 32];

/// How events are told.
pub(super) struct Telling<'t> {
    pub selection: &'t Selection,
    /// Without one they are only counted.
    pub bus: Option<&'t dyn EventBus>,
    pub progress: &'t dyn Fn(Progress<'_>),
}

impl Telling<'_> {
    /// Tells of these orders, and notes in `told` how far that came.
    pub async fn tell(&self, records: &[OrderRecord], told: &mut Told) -> Result<(), ReplayError> {
        for together in records.chunks(TOGETHER) {
            let events = in_rounds(together, self.selection);
            let concerned = events.iter().map(|event| &event.order_id);
            let orders = concerned.collect::<BTreeSet<&OrderId>>().len();
            match self.bus {
                Some(bus) => self.hand_over(bus, events, told).await?,
                None => told.events += events.len(),
            }
            told.finished(together, orders);
        }
        Ok(())
    }

    /// Hands these events over, those that are left again while the bus is busy.
    async fn hand_over(
        &self,
        bus: &dyn EventBus,
        mut left: Vec<OrderChange>,
        told: &mut Told,
    ) -> Result<(), ReplayError> {
        let mut pauses = PAUSES.into_iter();
        while !left.is_empty() {
            let unpublished = match bus.publish(&left).await {
                Ok(HandedOver { new }) => {
                    told.took(&left, new);
                    return Ok(());
                }
                Err(unpublished) => unpublished,
            };
            let Unpublished {
                at,
                beyond,
                new,
                may_pass,
                source,
            } = unpublished;
            let (mut taken, mut rest) = (Vec::new(), Vec::new());
            for (place, event) in left.into_iter().enumerate() {
                let is_taken = place < at || beyond.contains(&place);
                let part = if is_taken { &mut taken } else { &mut rest };
                part.push(event);
            }
            if !taken.is_empty() {
                pauses = PAUSES.into_iter();
            }
            told.took(&taken, new);
            left = rest;
            let Some(pause) = pauses.next().filter(|_| may_pass) else {
                let event = left.first().map(|event| event.id.clone());
                let event = event.unwrap_or_default();
                return Err(ReplayError::Untold { event, source });
            };
            let pause = Duration::from_secs(pause);
            (self.progress)(Progress::Paused(pause, &source));
            tokio::time::sleep(pause).await;
        }
        Ok(())
    }
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

#[cfg(test)]
mod tests;
