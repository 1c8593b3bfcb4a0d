//! Rules of events: the bus was told of every status of every order, and of nothing else.

use std::collections::BTreeMap;

use domain::OrderStatus;

use super::{Finding, books::Books, finding};

const RULE: &str = "the event bus was told of every status an order had";

pub(super) fn findings(books: &Books) -> Vec<Finding> {
    if !books.has_bus {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (id, record) in &books.orders {
        let statuses = record.order.history.iter().map(|entry| entry.status);
        let reached = record.reached.iter().copied();
        let had: BTreeMap<u64, OrderStatus> = reached.zip(statuses).collect();
        let told = books.events.get(id).cloned().unwrap_or_default();
        if had != told {
            let detail = format!("had {}, told {}", names(&had), names(&told));
            findings.push(finding(id.as_str(), RULE, detail));
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

/// Statuses with the versions at which they were reached.
fn names(statuses: &BTreeMap<u64, OrderStatus>) -> String {
    let names = statuses.iter();
    let names = names.map(|(version, status)| format!("{} v{version}", status.as_str()));
    names.collect::<Vec<_>>().join(", ")
}
