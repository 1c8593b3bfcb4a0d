//! Rules of events: the bus was told of every status of every order, and of nothing else.

use std::collections::BTreeMap;

use domain::OrderStatus;

use super::{Finding, books::Books, finding};
use crate::orders::OrderRecord;

/// The rule of an order and the events about it.
pub(super) const TOLD: &str = "the event bus was told of every status an order had";

pub(super) fn findings(books: &Books) -> Vec<Finding> {
    if !books.has_bus {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (id, record) in &books.orders {
        let had = had(record);
        let told = books.told_of(id);
        if had != *told {
            let detail = format!("had {}, told {}", names(&had), names(told));
            findings.push(finding(id.as_str(), TOLD, detail));
        }
    }
    for id in books
        .events
        .keys()
        .filter(|id| !books.orders.contains_key(*id))
    {
        let detail = "there is no such order";
        findings.push(finding(id.as_str(), "an event has an order", detail));
    }
    findings
}

/// The statuses that an order had, by the versions at which it reached them.
pub(super) fn had(record: &OrderRecord) -> BTreeMap<u64, OrderStatus> {
    let statuses = record.order.history.iter().map(|entry| entry.status);
    record.reached.iter().copied().zip(statuses).collect()
}

/// Statuses with the versions at which they were reached.
fn names(statuses: &BTreeMap<u64, OrderStatus>) -> String {
    let names = statuses.iter();
    let names = names.map(|(version, status)| format!("{} v{version}", status.as_str()));
    names.collect::<Vec<_>>().join(", ")
}
