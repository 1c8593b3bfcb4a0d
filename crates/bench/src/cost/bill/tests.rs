use clap::Parser;

use super::*;
use crate::cost::{counts::Times, units::Units, written::Written};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    story: Story,
    #[command(flatten)]
    assumed: Assumed,
}

impl Line {
    fn terms(&self, is_traced: bool) -> Terms<'_> {
        Terms {
            story: &self.story,
            assumed: &self.assumed,
            is_traced,
        }
    }
}

/// A thousand invocations of a function with a GB, by requests that are answered with a KB.
fn thousand() -> Taken {
    let lines = |bytes: u64| Written {
        lines: 1000,
        bytes: bytes * 1000,
    };
    Taken {
        memory_mib: 1024,
        counts: Counts {
            invocations: 1000,
            requests: 1000,
            metered_requests: 1001,
            response_bytes: 1024 * 1000,
            units: [
                (
                    "orders".to_owned(),
                    Units::from([(Kind::TransactionWrites, 4000.0), (Kind::IndexReads, 500.0)]),
                ),
                ("bus".to_owned(), Units::from([(Kind::Writes, 9000.0)])),
            ]
            .into(),
            events: 3000,
            queued: 2500,
            emails: 2000,
            own_log: lines(486),
            ..Counts::default()
        },
        times: Times {
            cpu_ms: 500.0,
            computing_ms: 1900.0,
            waiting_ms: 20_000.0,
            billed_ms: 22_000.0,
        },
    }
}

#[test]
fn each_thing_is_in_the_unit_of_its_price() {
    let line = Line::parse_from(["", "--orders", "500"]);
    let quantities = Quantities::of(&thousand(), &line.terms(false));
    let kb = 1024.0 * 1000.0 / GB;
    let expected = [
        (Item::Requests, 1001.0),
        (Item::DataOut, kb),
        (Item::Invocations, 1000.0),
        (Item::Computing, 2.0),
        (Item::Waiting, 20.0),
        (Item::Starts, 1.5),
        (Item::Units("orders".to_owned(), Kind::IndexReads), 500.0),
        (
            Item::Units("orders".to_owned(), Kind::TransactionWrites),
            4000.0,
        ),
        (Item::Events, 3000.0),
        (Item::QueueRequests, 7500.0),
        (Item::Emails, 2000.0),
        (Item::OwnLog, 0.5 * kb),
    ];
    assert_eq!(quantities.0, BTreeMap::from(expected));
}

#[test]
fn the_bill_is_what_one_reckons_by_hand() {
    let line = Line::parse_from([""]);
    let quantities = Quantities::of(&thousand(), &line.terms(false));
    let cents = |item: Item| item.price().of(quantities.0[&item]) * 100.0;
    let near = |is: f64, expected: f64| assert!((is - expected).abs() < 1e-9, "{is} {expected}");
    near(cents(Item::Requests), 0.1001);
    near(cents(Item::Invocations), 0.02);
    near(cents(Item::Waiting), 0.026_666_8);
    near(
        cents(Item::Units("orders".to_owned(), Kind::TransactionWrites)),
        0.25,
    );
    near(
        cents(Item::Units("orders".to_owned(), Kind::IndexReads)),
        0.006_25,
    );
    near(cents(Item::Events), 0.3);
    near(cents(Item::QueueRequests), 0.3);
    near(cents(Item::Emails), 20.0);
    let sum: f64 = quantities.0.keys().cloned().map(cents).sum();
    near(quantities.dollars() * 100.0, sum);
}

#[test]
fn two_functions_cost_what_each_costs() {
    let line = Line::parse_from([""]);
    let one = Quantities::of(&thousand(), &line.terms(true));
    let other = Taken {
        memory_mib: 256,
        ..thousand()
    };
    let other = Quantities::of(&other, &line.terms(true));
    let both = one.clone().and(&other);
    assert!((both.dollars() - one.dollars() - other.dollars()).abs() < 1e-12);
    assert_eq!(both.0[&Item::Emails], 4000.0);
}

#[test]
fn of_many_invocations_few_are_traced() {
    assert_eq!(traced(0.2), 1.0);
    assert_eq!(traced(1.0), 1.0);
    assert!((traced(2.0) - 0.525).abs() < 1e-12);
    assert!((traced(101.0) - 6.0 / 101.0).abs() < 1e-12);
    // Two invocations an order, 86,400 orders a day: two a second.
    let line = Line::parse_from(["", "--orders", "500", "--orders-per-day", "86400"]);
    let quantities = Quantities::of(&thousand(), &line.terms(true));
    assert!((quantities.0[&Item::Traces] - 525.0).abs() < 1e-9);
    let quantities = Quantities::of(&thousand(), &line.terms(false));
    assert!(!quantities.0.contains_key(&Item::Traces));
}
