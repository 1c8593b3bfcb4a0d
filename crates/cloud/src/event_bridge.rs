//! Events to a bus of Amazon EventBridge.

use std::collections::BTreeSet;

use domain::OrderStatus;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{
    Connection,
    bus::{EventBus, HandedOver, Publishing, Unpublished},
    item,
    orders::OrderChange,
};

use crate::{
    CallError, Service,
    service::{TRIES, pause_after},
};

/// The most events that a call takes ("PutEvents", Amazon EventBridge API reference). It takes 256 KiB of them as well,
/// which ten of ours are far from.
const MOST: usize = 10;
/// By whom the events are, as rules match it.
const SOURCE: &str = "oxcart.orders";
/// The errors of an event that may not come again ("PutEventsResultEntry", Amazon EventBridge API reference).
const PASSING: [&str; 2] = ["InternalFailure", "ThrottlingException"];

/// A bus of Amazon EventBridge.
pub struct EventBridge {
    service: Service,
    /// The bus's name.
    bus: String,
}

/// Why an event was not handed over.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// The call failed for all of its events.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The bus does not take this one. What it says of it may quote it, so only the kind of the error is kept.
    #[error("the event bus does not take {id}: {code}")]
    Refused {
        /// The event's id.
        id: String,
        /// The kind of error, such as `ThrottlingException`.
        code: String,
    },
    /// The answer does not tell what became of each.
    #[error("the event bus does not tell what became of the events")]
    Unclear,
}

impl PutError {
    /// Whether the bus may take it a moment later.
    fn may_pass(&self) -> bool {
        match self {
            Self::Call(error) => error.may_pass(),
            Self::Refused { code, .. } => passes(code),
            Self::Unclear => false,
        }
    }
}

/// Whether an event that is refused with this code may be taken a moment later.
fn passes(code: &str) -> bool {
    PASSING.contains(&code)
}

/// The first of some events that the bus does not take.
struct Untaken {
    /// Its place among them.
    at: usize,
    /// The places after it of those that the bus has taken.
    beyond: Vec<usize>,
    error: PutError,
}

impl Untaken {
    /// That at this place, of so many events of which these are left.
    fn at(at: usize, events: usize, left: &[(usize, &OrderChange)], error: PutError) -> Self {
        let is_left = |place: &usize| left.iter().any(|(other, _)| other == place);
        let beyond = (at + 1..events).filter(|place| !is_left(place)).collect();
        Self { at, beyond, error }
    }
}

/// What became of an event, in its place among those of a call.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Outcome {
    error_code: Option<String>,
}

impl EventBridge {
    /// The bus with this name, by the service at `endpoint` or the Region's own.
    pub fn new(connection: &Connection, endpoint: Option<&str>, bus: String) -> Self {
        Self {
            service: Service::new(connection, "events", "events", endpoint),
            bus,
        }
    }

    /// Hands over these events in one call, and those that the bus did not take in another, while that may help.
    async fn put(&self, events: &[OrderChange]) -> Result<(), Untaken> {
        let mut left: Vec<(usize, &OrderChange)> = events.iter().enumerate().collect();
        let mut tries = 0;
        while let Some((first, _)) = left.first() {
            tries += 1;
            let outcomes = self.call(&left).await;
            let outcomes =
                outcomes.map_err(|error| Untaken::at(*first, events.len(), &left, error))?;
            let refused = left.iter().zip(outcomes);
            let refused =
                refused.filter_map(|(event, outcome)| Some((*event, outcome.error_code?)));
            let refused: Vec<_> = refused.collect();
            let again = tries < TRIES && refused.iter().any(|(_, code)| passes(code));
            let reason = refused.first().map(|((at, event), code)| {
                let (id, code) = (event.id.clone(), code.clone());
                (*at, PutError::Refused { id, code })
            });
            left = refused.into_iter().map(|(event, _)| event).collect();
            if again {
                pause_after(tries).await;
            } else if let Some((at, error)) = reason {
                return Err(Untaken::at(at, events.len(), &left, error));
            }
        }
        Ok(())
    }

    /// One call: what became of each event.
    async fn call(&self, events: &[(usize, &OrderChange)]) -> Result<Vec<Outcome>, PutError> {
        let headers = [
            ("x-amz-target", "AWSEvents.PutEvents"),
            ("content-type", "application/x-amz-json-1.1"),
        ];
        let entries = events.iter().map(|(_, event)| self.entry(event));
        let body = json!({"Entries": entries.collect::<Vec<_>>()});
        let answer = self.service.post("/", &headers, &body).await?;
        let outcomes = answer.get("Entries").cloned().unwrap_or_default();
        let outcomes: Vec<Outcome> = serde_json::from_value(outcomes).unwrap_or_default();
        if outcomes.len() == events.len() {
            Ok(outcomes)
        } else {
            Err(PutError::Unclear)
        }
    }

    /// An event as the action PutEvents takes it.
    fn entry(&self, event: &OrderChange) -> Value {
        json!({
            "EventBusName": self.bus,
            "Source": SOURCE,
            "DetailType": detail_type(event.status),
            "Time": event.at.as_seconds(),
            "Detail": item::json(event),
        })
    }
}

impl EventBus for EventBridge {
    fn publish<'a>(&'a self, events: &'a [OrderChange]) -> Publishing<'a> {
        Box::pin(async move {
            let mut done = 0;
            while done < events.len() {
                let together = together(&events[done..]);
                let put = self.put(&events[done..done + together]).await;
                put.map_err(|Untaken { at, beyond, error }| Unpublished {
                    at: done + at,
                    beyond: beyond.into_iter().map(|place| done + place).collect(),
                    new: None,
                    may_pass: error.may_pass(),
                    source: error.into(),
                })?;
                done += together;
            }
            Ok(HandedOver { new: None })
        })
    }
}

/// How many of these go into one call: no more than it takes, and no two of one order, since it may take the second and not
/// the first.
fn together(events: &[OrderChange]) -> usize {
    let mut orders = BTreeSet::new();
    let several = events.iter().take(MOST);
    several
        .take_while(|event| orders.insert(&event.order_id))
        .count()
}

/// What an event is, as rules match it.
fn detail_type(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Placed => "Order Placed",
        OrderStatus::Paid => "Order Paid",
        OrderStatus::Shipped => "Order Shipped",
        OrderStatus::Delivered => "Order Delivered",
        OrderStatus::Expired => "Order Expired",
        OrderStatus::Cancelled => "Order Cancelled",
        OrderStatus::Refunded => "Order Refunded",
    }
}

#[cfg(test)]
mod tests;
