//! Rules of work: nothing that is owed is forgotten, and nothing due is overdue.

use std::time::Duration;

use domain::Timestamp;

use super::{Finding, books::Books, finding};
use crate::keys;

/// How long work may wait: the schedule comes by every minute.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

pub(super) fn findings(books: &Books, now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (id, record) in &books.orders {
        let due = books.due.get(id);
        let listed = due.map(|(_, at)| Timestamp::from_millis(*at));
        if due.is_some_and(|(part, _)| *part != keys::order_due(id)) {
            let detail = "it is in another part of the index, or in none";
            findings.push(finding(
                id.as_str(),
                "owed work is listed where it is looked for",
                detail,
            ));
        }
        let part = keys::order_day_status(id, record.order.created_at.day(), record.order.status);
        if books.day_status.get(id) != Some(&part) {
            findings.push(finding(
                id.as_str(),
                "an order is listed under its day and status",
                format!("not under {part}"),
            ));
        }
        if listed != record.next_action_at() {
            let detail = format!(
                "{} instead of {}",
                told(listed),
                told(record.next_action_at())
            );
            findings.push(finding(
                id.as_str(),
                "owed work is listed when it is due",
                detail,
            ));
        }
        if listed.is_some_and(|at| at.plus(PATIENCE) < now) {
            findings.push(finding(
                id.as_str(),
                "nothing due is overdue",
                "for over five minutes",
            ));
        }
    }
    for (customer, at) in &books.deletions {
        if Timestamp::from_millis(*at).plus(PATIENCE) < now {
            findings.push(finding(
                customer.as_str(),
                "nothing due is overdue",
                "what follows from the deletion of an account, for over five minutes",
            ));
        }
    }
    findings
}

/// How late the oldest work is that is due; no time at all when none is due.
pub(super) fn late(books: &Books, now: Timestamp) -> Duration {
    let orders = books.due.values().map(|(_, at)| at);
    let all = orders.chain(books.deletions.values());
    let late = all.map(|at| now.since(Timestamp::from_millis(*at)));
    late.max().unwrap_or_default()
}

fn told(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "not at all".to_owned(), |at| crate::item::json(&at))
}
