//! Events about orders: `publish-order-events`, and what is on the bus after it.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use store::{Db, bus::built_in::BuiltIn};

use crate::support::{PASSWORD, TestShop, key, usd};

const FUNCTION: &str = "publish-order-events";

/// What is personal about a customer or the shop's own business, each of it a text that nothing else contains.
const UNTOLD: [&str; 8] = [
    "annabel@example.com",
    "Annabel of the profile",
    "Annabel of the parcel",
    "17 Heron Lane",
    "Otterville",
    "ZX9 4QQ",
    "TRACK-778",
    "chipped by us",
];

/// Everything on the bus, in the order in which it arrived; beside each event its time of arrival.
async fn arrived(shop: &TestShop) -> Vec<(Value, i64)> {
    let db = Arc::new(Db::connect(&shop.dynamodb.connection()));
    let bus = BuiltIn::new(db, shop.table("BusTable"));
    let published = bus.read(None).await.unwrap().into_iter();
    let told = published.map(|it| (json!(it.event), it.at.as_millis()));
    told.collect()
}

/// The events about an order, by its version, each of which arrived no earlier than the one before it.
async fn told(shop: &TestShop, order: &str) -> Vec<Value> {
    let mut of_order = arrived(shop).await;
    of_order.retain(|(event, _)| event["order_id"] == order);
    of_order.sort_by_key(|(event, _)| event["version"].as_u64());
    let times: Vec<i64> = of_order.iter().map(|(_, at)| *at).collect();
    assert!(times.is_sorted(), "{of_order:#?}");
    of_order.into_iter().map(|(event, _)| event).collect()
}

/// The statuses that the bus was told an order had.
async fn statuses(shop: &TestShop, order: &str) -> Vec<Value> {
    let told = told(shop, order).await.into_iter();
    told.map(|event| event["status"].clone()).collect()
}

fn all_done() -> Value {
    json!({"batchItemFailures": []})
}

/// The records about an order.
fn about<'r>(records: &'r [Value], order: &str) -> Vec<&'r Value> {
    let pk = format!("ORDER#{order}");
    let of_order = |record: &&Value| record["dynamodb"]["Keys"]["pk"]["S"] == pk;
    records.iter().filter(of_order).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_status_an_order_reaches_is_told_once_in_order_and_without_a_word_of_anybody() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 20).await;
    let staff = shop.staff();
    let ann = shop.registered("annabel@example.com").await;
    let named = json!({"email": "other-annabel@example.com", "password": PASSWORD, "name": "Annabel of the profile"});
    shop.post("/users").json(&named).send().await.expect(201);
    let body = json!({
        "items": [{"product_id": "mug", "quantity": 2}],
        "shipping_address": {
            "name": "Annabel of the parcel", "line1": "17 Heron Lane", "city": "Otterville",
            "postal_code": "ZX9 4QQ", "country": "GB",
        },
    });
    let mut orders = Vec::new();
    for _ in 0..4 {
        let placed = shop.place(&ann, &key(), &body).send().await.expect(201);
        orders.push(placed["id"].as_str().unwrap().to_owned());
    }
    let [whole, cancelled, expired, called_off] = &orders[..] else {
        unreachable!()
    };
    // The first goes all the way, with attempts at paying that change no status.
    let declined = shop.pay(&ann, whole, &key(), "tok_declined").send().await;
    declined.problem(402, "payment-declined");
    shop.pay(&ann, whole, &key(), "tok_ok")
        .send()
        .await
        .expect(200);
    let parcel = json!({"carrier": "Ox Express", "tracking_number": "TRACK-778"});
    shop.ship(&staff, whole, &parcel).send().await.expect(200);
    shop.deliver(&staff, whole).send().await.expect(200);
    let refund = json!({"restock": false, "reason": "chipped by us"});
    shop.refund(&staff, whole, &refund).send().await.expect(200);
    shop.cancel(&ann, cancelled).send().await.expect(200);
    shop.let_expire(expired).await;
    shop.pay(&ann, called_off, &key(), "tok_ok")
        .send()
        .await
        .expect(200);
    shop.cancel(&staff, called_off).send().await.expect(200);
    shop.settle().await;
    assert!(
        arrived(&shop).await.is_empty(),
        "the stream brings them, and nothing else"
    );
    shop.drain_stream().await;
    for (order, had) in [
        (
            whole,
            vec!["placed", "paid", "shipped", "delivered", "refunded"],
        ),
        (cancelled, vec!["placed", "cancelled"]),
        (expired, vec!["placed", "expired"]),
        (called_off, vec!["placed", "paid", "cancelled"]),
    ] {
        let seen = shop.order_seen(&staff, order).await.expect(200);
        let events = told(&shop, order).await;
        assert_eq!(events.len(), had.len(), "{events:#?}");
        for (at, (event, status)) in events.iter().zip(&had).enumerate() {
            let version = &event["version"];
            let expected = json!({
                "id": format!("{order}#{version}"), "type": format!("order.{status}"),
                "at": seen["history"][at]["at"], "order_id": order, "customer_id": ann.id,
                "status": status, "version": version, "total": usd(2400),
            });
            assert_eq!(event, &expected);
        }
        let versions: Vec<u64> = events
            .iter()
            .map(|event| event["version"].as_u64().unwrap())
            .collect();
        assert!(versions.is_sorted_by(|a, b| a < b), "{versions:?}");
        assert!(versions.last() <= seen["version"].as_u64().as_ref());
    }
    let bus = shop.items("bus").await;
    assert_eq!(bus.len(), 5 + 2 + 2 + 3);
    let bus = format!("{bus:?}");
    let kept = format!("{:?}", shop.snapshot().await);
    for text in UNTOLD {
        assert!(kept.contains(text), "the shop knows {text}");
        assert!(!bus.contains(text), "{text} is on the bus");
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_that_come_again_or_late_tell_nothing_new() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let ann = shop.customer();
    let delivered = shop.delivered(&ann, &[("mug", 1)]).await;
    let cancelled = shop.ordered(&ann, &[("mug", 1)]).await;
    shop.cancel(&ann, &cancelled).send().await.expect(200);
    let records = shop.records_for(FUNCTION).await;
    let all: Vec<&Value> = records.iter().collect();
    assert_eq!(shop.bring(FUNCTION, &all).await, all_done());
    let had = ["placed", "paid", "shipped", "delivered"];
    assert_eq!(statuses(&shop, &delivered).await, had);
    assert_eq!(statuses(&shop, &cancelled).await, ["placed", "cancelled"]);
    let first = arrived(&shop).await;
    shop.drain_stream().await;
    assert_eq!(arrived(&shop).await, first);
    let once = shop.snapshot().await;
    assert_eq!(shop.bring(FUNCTION, &all).await, all_done());
    for record in all.iter().rev() {
        assert_eq!(shop.bring(FUNCTION, &[record, record]).await, all_done());
    }
    shop.assert_unchanged(&once).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_leaves_an_orders_status_is_no_event() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let (ann, staff) = (shop.customer(), shop.staff());
    let order = shop.ordered(&ann, &[("mug", 1)]).await;
    for (token, status) in [
        ("tok_declined", 402),
        ("tok_unreachable", 503),
        ("tok_declined", 402),
    ] {
        let attempt = shop.pay(&ann, &order, &key(), token).send().await;
        attempt.expect(status);
    }
    let records = shop.records_for(FUNCTION).await;
    let attempts = about(&records, &order);
    assert!(attempts.len() > 4, "each attempt wrote: {records:#?}");
    assert_eq!(shop.bring(FUNCTION, &attempts).await, all_done());
    assert_eq!(statuses(&shop, &order).await, ["placed"]);
    // Nor is another key of the same payment, or the money that is given back.
    shop.pay(&ann, &order, &key(), "tok_ok")
        .send()
        .await
        .expect(200);
    shop.pay(&ann, &order, &key(), "tok_ok")
        .send()
        .await
        .expect(200);
    let refund = shop.refund(&staff, &order, &json!({"restock": true}));
    refund.send().await.expect(200);
    assert_eq!(shop.settle().await["given_back"], 1);
    shop.drain_stream().await;
    let had = ["placed", "paid", "refunded"];
    assert_eq!(statuses(&shop, &order).await, had);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_can_not_be_read_is_named_and_what_comes_before_it_is_told() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let ann = shop.customer();
    let mut orders = Vec::new();
    for _ in 0..5 {
        orders.push(shop.ordered(&ann, &[("mug", 1)]).await);
    }
    let records = shop.records_for(FUNCTION).await;
    let [last, before @ ..] = &orders[..] else {
        unreachable!()
    };
    let last = about(&records, last)[0];
    for (order, (member, value)) in before.iter().zip([
        ("answer", Value::Null),
        ("status", json!({"S": "lost"})),
        ("version", json!({"S": "many"})),
        ("customer", json!({"S": "somebody"})),
    ]) {
        let first = about(&records, order)[0];
        let mut poison = last.clone();
        let image = poison["dynamodb"]["NewImage"].as_object_mut().unwrap();
        match value {
            Value::Null => image.remove(member),
            value => image.insert(member.into(), value),
        };
        let known = shop.items("bus").await.len();
        let answer = shop.bring(FUNCTION, &[first, &poison, last]).await;
        let number = &last["dynamodb"]["SequenceNumber"];
        let failures = json!({"batchItemFailures": [{"itemIdentifier": number}]});
        assert_eq!(answer, failures, "{member}");
        assert_eq!(statuses(&shop, order).await, ["placed"], "{member}");
        assert_eq!(shop.items("bus").await.len(), known + 1, "{member}");
    }
    let log = shop.lambda.logs(FUNCTION).join("\n");
    assert!(log.contains("a record was not dealt with"), "{log}");
    assert_eq!(shop.bring(FUNCTION, &[last]).await, all_done());
    assert_eq!(shop.items("bus").await.len(), 5);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poisoned_order_is_given_up_at_last_and_the_rest_is_still_told() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let ann = shop.customer();
    let before = shop.shipped(&ann, &[("mug", 1)]).await;
    let poison = "ORDER#nonsense";
    let broken = [("pk", poison), ("status", "placed")];
    let broken = broken.map(|(name, text)| (name.to_owned(), AttributeValue::S(text.to_owned())));
    shop.put_item("orders", broken.into()).await;
    let after = shop.paid(&ann, &[("mug", 1)]).await;
    shop.deliver(&shop.staff(), &before)
        .send()
        .await
        .expect(200);
    shop.drain_stream().await;
    let had = ["placed", "paid", "shipped", "delivered"];
    assert_eq!(statuses(&shop, &before).await, had);
    assert_eq!(statuses(&shop, &after).await, ["placed", "paid"]);
    assert_eq!(shop.items("bus").await.len(), 6);
    shop.delete("orders", poison).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_bus_refuses_an_event_no_later_one_is_told() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let ann = shop.customer();
    let order = shop.shipped(&ann, &[("mug", 1)]).await;
    let records = shop.records_for(FUNCTION).await;
    let changes: Vec<&Value> = about(&records, &order)
        .into_iter()
        .filter(|record| {
            let status = |image: &str| record["dynamodb"][image]["status"]["S"].clone();
            status("OldImage") != status("NewImage")
        })
        .collect();
    let [placed, paid, shipped] = changes[..] else {
        panic!("{records:#?}")
    };
    assert_eq!(shop.bring(FUNCTION, &[placed]).await, all_done());
    let rejected =
        json!({"__type": "com.amazonaws.dynamodb.v20120810#ValidationException", "message": "no"});
    shop.wire.calls();
    shop.wire.refuse("PutItem", 1, &rejected);
    let answer = shop.bring(FUNCTION, &[placed, paid, shipped]).await;
    let number = &placed["dynamodb"]["SequenceNumber"];
    let failures = json!({"batchItemFailures": [{"itemIdentifier": number}]});
    assert_eq!(answer, failures);
    assert_eq!(
        (shop.wire.calls(), shop.wire.forgive()),
        (vec!["PutItem".into()], 0)
    );
    assert_eq!(statuses(&shop, &order).await, ["placed"]);
    // An event whose answer was lost is on the bus all the same, and is told again to no effect.
    shop.wire.lose_answers_of("bus");
    let answer = shop.bring(FUNCTION, &[paid, shipped]).await;
    let number = &paid["dynamodb"]["SequenceNumber"];
    let failures = json!({"batchItemFailures": [{"itemIdentifier": number}]});
    assert_eq!(answer, failures);
    assert_eq!(statuses(&shop, &order).await, ["placed", "paid"]);
    shop.wire.mend();
    shop.drain_stream().await;
    let had = ["placed", "paid", "shipped"];
    assert_eq!(statuses(&shop, &order).await, had);
    shop.close().await;
}
