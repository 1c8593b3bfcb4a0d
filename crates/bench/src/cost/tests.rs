use std::{collections::BTreeMap, sync::LazyLock};

use clap::Parser;

use super::*;
use crate::cost::{counts::Counts, units::Kind};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    cost: Cost,
}

/// What is the same each time.
fn counted(ledger: &Ledger) -> BTreeMap<&str, &Counts> {
    let counts = ledger
        .iter()
        .map(|(name, taken)| (name.as_str(), &taken.counts));
    counts.collect()
}

/// Five orders in an hour, the first of which is cancelled and the second refunded, by three customers.
const FEW: &str = "cost --orders 5 --products 30 --lists 1 --pages 2 --polls 1 --orders-per-account 2 --orders-per-day 120";

static COST: LazyLock<Cost> = LazyLock::new(|| Line::parse_from(FEW.split_whitespace()).cost);

/// Playing takes a while, so that it is done once for all tests.
static PLAYED: LazyLock<Played> = LazyLock::new(played);

fn played() -> Played {
    play(&COST.story, &COST.assumed, |_| ()).unwrap()
}

#[test]
fn a_seed_counts_the_same_each_time_and_each_step_is_counted() {
    let again = played();
    assert_eq!(counted(&PLAYED.ledger), counted(&again.ledger));
    let invocations: BTreeMap<&str, u64> = counted(&again.ledger)
        .into_iter()
        .map(|(name, counts)| (name, counts.invocations))
        .collect();
    let expected = [
        ("list-products", 5),
        ("get-product", 10),
        ("start-guest-session", 5),
        ("put-cart-item", 15),
        ("get-cart", 10),
        ("register-user", 3),
        ("send-account-mail", 3),
        ("verify-email", 3),
        ("log-in", 5),
        ("merge-cart", 5),
        ("place-order", 5),
        ("cancel-order", 1),
        ("pay-order", 4),
        ("get-order", 5),
        ("ship-order", 4),
        ("deliver-order", 4),
        ("refund-order", 1),
        ("settle-orders", 60),
    ];
    for (name, times) in expected {
        assert_eq!(invocations.get(name), Some(&times), "{name}");
    }
    for name in ["record-stock-movements", "publish-order-events"] {
        assert!(invocations.contains_key(name), "{name}");
    }
}

#[test]
fn an_order_costs_what_the_store_says_it_does() {
    let played = &*PLAYED;
    let place = &played.ledger["place-order"].counts;
    // A bucket for each of its two lines, twice a unit each; the cart; and what leads to it in indexes.
    let stock = &place.units["catalogue"];
    assert_eq!(stock[&Kind::TransactionWrites], 5.0 * 2.0 * 2.0);
    assert!(place.units["carts"][&Kind::TransactionWrites] >= 5.0 * 2.0);
    assert!(place.units["orders"].contains_key(&Kind::IndexWrites));
    assert_eq!(place.refused_calls, 0);
    let bus = &played.ledger["publish-order-events"].counts;
    // Placed five times; cancelled once; paid, shipped and delivered four times each; refunded once.
    assert_eq!(bus.events, 5 + 1 + 4 * 3 + 1);
    // An arrival is nobody's news.
    let listener = &played.ledger["send-order-mail"].counts;
    assert_eq!(listener.queued, bus.events - 4);
    // What an audit reads has no indexes, no accounts and nothing that AWS adds.
    assert!(played.left.audited > 0);
    assert!(played.left.recoverable > played.left.audited);
    // Nor is what indexes hold brought back for money.
    assert!(played.left.kept > played.left.recoverable);
    // Each day of a month, so many times.
    let units = played.audits.read_units(4096.0);
    let looks = COST.assumed.audit_looks;
    assert!((units - looks * 365.0 / 12.0).abs() < 1e-9, "{units}");
}

#[test]
fn what_is_billed_by_the_month_is_added_up() {
    let terms = Terms {
        story: &COST.story,
        assumed: &COST.assumed,
        is_traced: true,
    };
    let left = Left {
        log_gb: 0.001,
        table_gb: 0.001,
        recoverable_gb: 0.000_5,
        audited_bytes: 4096.0,
    };
    let polls = COST.assumed.queue_polls;
    let monthly = monthly(&PLAYED.watching, &PLAYED.audits, &left, polls, 1000);
    let whole: f64 = monthly.iter().map(|it| it.dollars).sum();
    let report = Report::of(&PLAYED.ledger, &terms).with_monthly(monthly);
    let told = report.to_string();
    let (_, by_month) = told.split_once("| by the month").unwrap();
    let sum = by_month
        .lines()
        .find(|line| line.starts_with("| sum "))
        .unwrap();
    assert!(sum.ends_with(&format!(" {whole:.4} |")), "{sum}");
    let report = serde_json::to_value(&report).unwrap();
    assert_eq!(report["dollars_a_month"], whole);
}

#[test]
fn both_tables_have_the_same_sum() {
    let terms = Terms {
        story: &COST.story,
        assumed: &COST.assumed,
        is_traced: true,
    };
    let report = Report::of(&PLAYED.ledger, &terms);
    let report = serde_json::to_value(&report).unwrap();
    let sum = |list: &str| -> f64 {
        let list = report[list].as_array().unwrap().iter();
        list.map(|it| it["dollars_per_10000_orders"].as_f64().unwrap())
            .sum()
    };
    let whole = report["dollars_per_10000_orders"].as_f64().unwrap();
    assert!(whole > 0.0);
    for list in ["lines", "functions"] {
        assert!((sum(list) - whole).abs() < 1e-9, "{list}");
    }
}
