//! What the auditor says of a shop that sells while it reads, and whose streams are late.

use std::{cell::Cell, collections::VecDeque, rc::Rc, slice, time::Duration};

use serde_json::Value;
use simulation::{Shop, ask};
use tokio::{task::spawn_local, time::sleep};

/// By how many seconds streams lag.
const LAG: usize = 20;

const SECOND: Duration = Duration::from_secs(1);

/// Somebody buys a mug each second.
async fn sells(shop: Rc<Shop>, over: Rc<Cell<bool>>) {
    for number in 0.. {
        if over.get() {
            break;
        }
        let order = ask::place(&shop.customer(number), "key", &[("mug", 1)]);
        shop.must(&order).await;
        sleep(SECOND).await;
    }
}

/// Brings a function the records of its stream, late. The one of an item's version that is given up it never gets.
async fn tells_late(
    shop: Rc<Shop>,
    operation: &'static str,
    given_up: Option<&'static str>,
    over: Rc<Cell<bool>>,
) {
    let (mut told, mut lengths) = (0, VecDeque::new());
    while !over.get() {
        let records = shop.records(operation);
        lengths.push_back(records.len());
        if lengths.len() > LAG {
            let until = lengths.pop_front().unwrap();
            for record in &records[told..until] {
                if given_up.is_none_or(|given_up| version(record) != given_up) {
                    let one = slice::from_ref(record);
                    assert_eq!(shop.deliver(operation, one).await, 1);
                }
            }
            told = until;
        }
        sleep(SECOND).await;
    }
}

/// The version that an item had after what a record tells of.
fn version(record: &Value) -> &str {
    let version = &record["dynamodb"]["NewImage"]["version"]["N"];
    version.as_str().unwrap_or_default()
}

/// The items that an audit names while the shop sells one product all the time, and the rules that they break. The movement of
/// one version may have been given up.
fn named(given_up: Option<&'static str>) -> Vec<(String, &'static str)> {
    simulation::run(7, async |shop: Rc<Shop>| {
        shop.stock("mug", 1000, 1).await;
        let over = Rc::new(Cell::new(false));
        let moved = "record-stock-movements";
        let happening = [
            spawn_local(sells(shop.clone(), over.clone())),
            spawn_local(tells_late(shop.clone(), moved, given_up, over.clone())),
            spawn_local(tells_late(
                shop.clone(),
                "publish-order-events",
                None,
                over.clone(),
            )),
        ];
        sleep(3 * SECOND * LAG as u32).await;
        let report = shop.audit_in_use().await;
        over.set(true);
        for one in happening {
            one.await.unwrap();
        }
        assert!(report.buckets == 1 && report.orders > 2 * LAG, "{report:?}");
        // At rest, with every record brought, it agrees.
        assert_eq!(shop.close().await, Vec::<String>::new());
        let findings = report.findings.into_iter();
        findings.map(|it| (it.item, it.rule)).collect()
    })
}

#[test]
fn a_bucket_that_sells_all_the_time_is_not_named_because_streams_are_late() {
    let named = named(None);
    assert!(named.is_empty(), "{named:?}");
}

#[test]
fn a_movement_that_was_given_up_is_named_however_much_sells_and_however_late_streams_are() {
    let level = "movements add up to the level";
    assert_eq!(named(Some("3")), [("STOCK#mug#0".to_owned(), level)]);
}
