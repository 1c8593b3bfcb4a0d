//! What is counted of an event without a request: told by what came of it, so that the operation itself counts nothing.

use aws_lambda_events::event::streams::DynamoDbEventResponse;
use store::{audit::Report, orders::settle::Settled};

use super::{Measure, Metric, write};
use crate::BoxError;

/// What an operation without a route comes to.
pub trait Counted {
    /// What is counted of it: nothing, unless something is said here.
    fn measures(&self) -> Vec<Measure> {
        Vec::new()
    }
}

impl Counted for () {}

impl Counted for DynamoDbEventResponse {}

impl Counted for Settled {
    fn measures(&self) -> Vec<Measure> {
        let late = self.late.map(|late| Metric::WorkOverdue.is(late.as_secs()));
        late.into_iter().collect()
    }
}

impl Counted for Report {
    fn measures(&self) -> Vec<Measure> {
        vec![
            Metric::AuditFinished.is(1),
            Metric::AuditFindings.is(number(self.findings.len())),
            Metric::AuditOrders.is(number(self.orders)),
            Metric::AuditWorkOverdue.is(self.late_s),
        ]
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Counts an event by what came of it.
pub(crate) fn event<R: Counted>(operation: &str, result: &Result<R, BoxError>) {
    write(operation, &measures(operation, result));
}

/// An audit that was not made to its end says so and nothing else: what it did not read may be anything.
fn measures<R: Counted>(operation: &str, result: &Result<R, BoxError>) -> Vec<Measure> {
    match (operation, result) {
        (_, Ok(dealt)) => dealt.measures(),
        ("audit-shop", Err(_)) => vec![Metric::AuditFinished.is(0)],
        (_, Err(_)) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use store::audit::Finding;

    use super::*;

    #[test]
    fn an_audit_says_what_it_found_or_that_it_did_not_finish() {
        let mut report = Report {
            orders: 12,
            late_s: 61,
            ..Report::default()
        };
        report.findings.insert(Finding {
            item: "STOCK#mug#0".into(),
            rule: "a rule",
            detail: "how".into(),
        });
        let found = measures("audit-shop", &Ok(report));
        let expected = [
            Metric::AuditFinished.is(1),
            Metric::AuditFindings.is(1),
            Metric::AuditOrders.is(12),
            Metric::AuditWorkOverdue.is(61),
        ];
        assert_eq!(found, expected);
        let failed: Result<Report, BoxError> = Err("the table is gone".into());
        let unfinished = [Metric::AuditFinished.is(0)];
        assert_eq!(measures("audit-shop", &failed), unfinished);
    }

    #[test]
    fn a_round_says_how_late_work_is_unless_it_could_not_look() {
        let round = |late| Settled {
            late,
            ..Settled::default()
        };
        let late = Duration::from_millis(61_900);
        let told = measures("settle-orders", &Ok(round(Some(late))));
        assert_eq!(told, [Metric::WorkOverdue.is(61)]);
        assert!(measures("settle-orders", &Ok(round(None))).is_empty());
        let failed: Result<Settled, BoxError> = Err("the table is gone".into());
        assert!(measures("settle-orders", &failed).is_empty());
    }

    #[test]
    fn what_says_nothing_counts_nothing() {
        let dealt: Result<_, BoxError> = Ok(DynamoDbEventResponse::default());
        assert!(measures("publish-order-events", &dealt).is_empty());
        assert!(measures("audit-shop", &Ok(())).is_empty());
    }
}
