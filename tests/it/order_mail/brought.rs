//! Events as the buses bring them: again, late, untrue, or together with what can't be dealt with.

use domain::Timestamp;
use serde_json::{Value, json};

use super::{ANN, FUNCTION, logged};
use crate::support::{TestShop, now, queued, text};

const PUBLISH: &str = "publish-order-events";

/// What is on the bus of an order, oldest first.
async fn told(shop: &TestShop, order: &str) -> Vec<Value> {
    let items = shop.items("bus").await.into_iter();
    let events = items.map(|item| serde_json::from_str(text(&item, "event")).unwrap());
    let mut events: Vec<Value> = events
        .filter(|event: &Value| event["order_id"] == order)
        .collect();
    events.sort_by_key(|event| event["version"].as_u64());
    events
}

/// Brings what happened to orders to the bus, and not what the bus was told to whoever listens.
async fn publish(shop: &TestShop) {
    let records = shop.records_for(PUBLISH).await;
    let records: Vec<&Value> = records.iter().collect();
    assert_eq!(shop.bring(PUBLISH, &records).await, all_done());
}

fn all_done() -> Value {
    json!({"batchItemFailures": []})
}

/// The answer that these messages are to come again.
fn failed(places: &[&str]) -> Value {
    let failures = places.iter().map(|id| json!({"itemIdentifier": id}));
    json!({"batchItemFailures": failures.collect::<Vec<_>>()})
}

/// The orders of which somebody was written, as long as nothing more is brought.
async fn mailed(shop: &TestShop) -> Vec<String> {
    let letters = shop.items("mailbox").await;
    let about = letters.iter().filter_map(|it| {
        let id = text(it, "pk").strip_prefix("MAIL#ord_")?;
        let (order, _) = id.split_once('#')?;
        Some(format!("ord_{order}"))
    });
    about.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_comes_again_from_either_bus_sends_no_second_letter() {
    let shop = TestShop::selling("mug", 1450, 20).await;
    let ann = shop.verified(ANN).await;
    let placed = shop.ordered(&ann, &[("mug", 1)]).await;
    let paid = shop.paid(&ann, &[("mug", 1)]).await;
    publish(&shop).await;
    let mut events = told(&shop, &placed).await;
    events.extend(told(&shop, &paid).await);
    let events: Vec<&Value> = events.iter().collect();
    assert_eq!(events.len(), 3);
    let invoke = |events: &[&Value]| shop.lambda.invoke(FUNCTION, queued(events));
    assert_eq!(invoke(&events[..1]).await.unwrap(), all_done());
    assert_eq!(mailed(&shop).await, [placed.as_str()]);
    // The stream of the built-in bus brings the same, and the others.
    let letters = shop.order_letters(ANN).await;
    assert_eq!(letters.len(), 2);
    let once = shop.snapshot().await;
    let records = shop.records_for(FUNCTION).await;
    let records: Vec<&Value> = records.iter().collect();
    assert_eq!(records.len(), 3);
    for _ in 0..2 {
        assert_eq!(shop.bring(FUNCTION, &records).await, all_done());
        assert_eq!(invoke(&events).await.unwrap(), all_done());
    }
    shop.assert_unchanged(&once).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_did_not_happen_or_is_no_news_any_more_is_written_to_nobody() {
    let shop = TestShop::selling("mug", 1450, 20).await;
    let ann = shop.verified(ANN).await;
    let order = shop.ordered(&ann, &[("mug", 1)]).await;
    publish(&shop).await;
    let placed = told(&shop, &order).await.remove(0);
    let yesterday = Timestamp::from_millis(now().as_millis() - 25 * 3_600_000);
    let once = shop.snapshot().await;
    for (member, value) in [
        ("status", json!("paid")),
        ("version", json!(2)),
        ("order_id", json!(format!("ord_{}", "a".repeat(26)))),
        ("total", json!({"amount": 1, "currency": "USD"})),
        ("at", json!(yesterday)),
    ] {
        let mut event = placed.clone();
        event[member] = value;
        let dealt = shop.lambda.invoke(FUNCTION, queued(&[&event])).await;
        assert_eq!(dealt.unwrap(), all_done(), "{member}");
    }
    shop.assert_unchanged(&once).await;
    let log = logged(&shop).await;
    for told in [
        "no order has it in its history",
        "it happened over a day ago",
    ] {
        assert!(log.contains(told), "{log}");
    }
    assert_eq!(shop.order_letters(ANN).await.len(), 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_that_can_not_leave_is_named_and_leaves_later() {
    let shop = TestShop::selling("mug", 1450, 20).await;
    let ann = shop.verified(ANN).await;
    let first = shop.ordered(&ann, &[("mug", 1)]).await;
    let second = shop.ordered(&ann, &[("mug", 1)]).await;
    publish(&shop).await;
    let records = shop.records_for(FUNCTION).await;
    let records: Vec<&Value> = records.iter().collect();
    let rejected =
        json!({"__type": "com.amazonaws.dynamodb.v20120810#ValidationException", "message": "no"});
    // A stream goes on at the first that fails.
    shop.wire.refuse("PutItem", 1, &rejected);
    let number = records[0]["dynamodb"]["SequenceNumber"].as_str().unwrap();
    assert_eq!(shop.bring(FUNCTION, &records).await, failed(&[number]));
    assert_eq!(shop.wire.forgive(), 0);
    assert!(mailed(&shop).await.is_empty());
    // Messages fail each by itself, be it for ever.
    let events = [told(&shop, &first).await, told(&shop, &second).await].concat();
    let mut batch = queued(&[&events[0], &events[1]]);
    batch["Records"][0]["body"] = json!("hunter2");
    let dealt = shop.lambda.invoke(FUNCTION, batch).await;
    assert_eq!(dealt.unwrap(), failed(&["0"]));
    assert_eq!(mailed(&shop).await, [second.as_str()]);
    shop.wire.refuse("PutItem", 1, &rejected);
    let batch = queued(&[&events[0], &events[1]]);
    let dealt = shop.lambda.invoke(FUNCTION, batch).await;
    assert_eq!(dealt.unwrap(), failed(&["0"]));
    assert_eq!(shop.wire.forgive(), 0);
    assert_eq!(shop.order_letters(ANN).await.len(), 2);
    let log = logged(&shop).await;
    let about = format!("{first}#1");
    for told in [
        "a record was not dealt with",
        "a message was not dealt with",
        &about,
    ] {
        assert!(log.contains(told), "{log}");
    }
    for untold in [ANN, "The mug", "hunter2"] {
        assert!(!log.contains(untold), "{log}");
    }
    shop.close().await;
}
