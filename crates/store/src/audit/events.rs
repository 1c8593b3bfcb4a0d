//! Rules of events: the bus was told of every status of every order, and of nothing else.

use domain::OrderStatus;

use super::{Finding, books::Books, finding};

const RULE: &str = "the event bus was told of every status an order had";

pub(super) fn findings(books: &Books) -> Vec<Finding> {
    if !books.has_bus {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (id, record) in &books.orders {
        let had = record.order.history.iter().map(|entry| entry.status);
        let told = books.events.get(id).into_iter().flat_map(|it| it.values());
        let (had, told): (Vec<OrderStatus>, Vec<OrderStatus>) =
            (had.collect(), told.copied().collect());
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

fn names(statuses: &[OrderStatus]) -> String {
    let names: Vec<&str> = statuses.iter().map(|status| status.as_str()).collect();
    names.join(", ")
}
