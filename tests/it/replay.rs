//! `cargo shop replay-events`: what the bus is told once more.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use aws_sdk_dynamodb::types::AttributeValue;
use cli::Failure;
use domain::OrderId;
use store::{
    Db, Orders,
    bus::{
        EventBus, HandedOver, Publishing, Unpublished,
        built_in::BuiltIn,
        replay::{ReplayError, Selection, Told},
    },
    error::Because,
    orders::OrderChange,
};

use crate::support::{Caller, NAME, TestShop, cargo_shop, text};

/// Every event on the bus as it was published, by its key.
async fn bus(shop: &TestShop) -> BTreeMap<String, String> {
    let mut events = BTreeMap::new();
    for item in shop.items("bus").await {
        let [key, event] = ["pk", "event"].map(|name| text(&item, name).to_owned());
        events.insert(key, event);
    }
    events
}

/// Lets the bus never have been told of anything.
async fn forget<'k>(shop: &TestShop, keys: impl IntoIterator<Item = &'k String>) {
    for key in keys {
        shop.delete("bus", key).await;
    }
}

/// Orders of which one arrived, one was called off after it was paid, one was paid back, one expired and one waits.
async fn orders(shop: &TestShop, who: &Caller) -> Vec<String> {
    let staff = shop.staff();
    let arrived = shop.delivered(who, &[("mug", 2)]).await;
    let cancelled = shop.paid(who, &[("mug", 1)]).await;
    shop.cancel(who, &cancelled).send().await.expect(200);
    let refunded = shop.shipped(who, &[("mug", 1)]).await;
    let refund = serde_json::json!({"restock": true});
    let refund = shop.refund(&staff, &refunded, &refund);
    refund.send().await.expect(200);
    let expired = shop.ordered(who, &[("mug", 1)]).await;
    shop.let_expire(&expired).await;
    shop.settle().await;
    let waiting = shop.ordered(who, &[("mug", 1)]).await;
    vec![arrived, cancelled, refunded, expired, waiting]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_bus_lost_is_told_again_to_the_byte() {
    let shop = TestShop::selling("mug", 1200, 20).await;
    let ann = shop.customer();
    let all = orders(&shop, &ann).await;
    shop.drain_stream().await;
    let told = bus(&shop).await;
    assert_eq!(told.len(), 4 + 3 + 4 + 2 + 1);
    cargo_shop(&shop, &["audit"]).await.unwrap();

    // Of an order that went on. One that waits may be told of late, for which an audit would wait.
    let [gone_on, ..] = &all[..] else {
        panic!("no orders")
    };
    forget(&shop, [&format!("EVENT#{gone_on}#1")]).await;
    cargo_shop(&shop, &["audit"]).await.unwrap_err();
    cargo_shop(&shop, &["replay-events", "--dry-run"])
        .await
        .unwrap();
    assert_eq!(bus(&shop).await.len(), told.len() - 1);
    cargo_shop(&shop, &["replay-events"]).await.unwrap();
    assert_eq!(bus(&shop).await, told);
    cargo_shop(&shop, &["audit"]).await.unwrap();

    // And all of it; of what is there nothing changes.
    let before = shop.snapshot().await;
    cargo_shop(&shop, &["replay-events"]).await.unwrap();
    shop.assert_unchanged(&before).await;
    forget(&shop, told.keys()).await;
    cargo_shop(&shop, &["replay-events"]).await.unwrap();
    assert_eq!(bus(&shop).await, told);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_is_wanted_is_told_and_counted() {
    let shop = TestShop::selling("mug", 1200, 20).await;
    let ann = shop.customer();
    let ids = orders(&shop, &ann).await;
    shop.drain_stream().await;
    let told = bus(&shop).await;
    forget(&shop, told.keys()).await;
    let of = |order: &str| -> BTreeMap<String, String> {
        let events = told.clone().into_iter();
        events.filter(|(key, _)| key.contains(order)).collect()
    };
    let two = ["replay-events", "--order", &ids[1], "--order", &ids[3]];
    cargo_shop(&shop, &two).await.unwrap();
    let mut expected = of(&ids[1]);
    expected.extend(of(&ids[3]));
    assert_eq!(expected.len(), 3 + 2);
    assert_eq!(bus(&shop).await, expected);

    let db = Arc::new(Db::connect(&shop.dynamodb.connection()));
    let store = Orders::new(db.clone(), shop.table("OrdersTable"));
    let built_in = BuiltIn::new(db, shop.table("BusTable"));
    let replay = async |selection: Selection| {
        let mut told = Told::default();
        let replayed = store.replay(&selection, Some(&built_in), &mut told, |_| {});
        replayed.await.unwrap();
        assert!(told.unreadable.is_empty());
        (told.orders, told.events, told.new)
    };
    // Nothing happened before the first or after the last.
    let first = store.find(&OrderId::parse(&ids[0]).unwrap()).await.unwrap();
    let first = first.unwrap().order.created_at.to_second();
    let before = Selection {
        until: Some(first),
        ..Selection::default()
    };
    assert_eq!(replay(before).await, (0, 0, None));
    let after = Selection {
        since: Some(first.plus(std::time::Duration::from_secs(3600))),
        ..Selection::default()
    };
    assert_eq!(replay(after).await, (0, 0, None));
    assert_eq!(bus(&shop).await, expected);
    let since = Selection {
        since: Some(first),
        ..Selection::default()
    };
    // The log takes what it lacks, and says how much that was.
    let lacked = told.len() - expected.len();
    assert_eq!(replay(since).await, (5, told.len(), Some(lacked)));
    assert_eq!(bus(&shop).await, told);
    let one = Selection {
        orders: vec![OrderId::parse(&ids[0]).unwrap()],
        ..Selection::default()
    };
    assert_eq!(replay(one).await, (1, 4, Some(0)));
    shop.close().await;
}

/// A bus that takes three events whenever it is told, and no more.
#[derive(Default)]
struct Tired(Mutex<Vec<String>>);

impl EventBus for Tired {
    fn publish<'a>(&'a self, events: &'a [OrderChange]) -> Publishing<'a> {
        let at = events.len().min(3);
        let taken = events[..at].iter().map(|event| event.id.clone());
        self.0.lock().unwrap().extend(taken);
        let outcome = match at < events.len() {
            false => Ok(HandedOver { new: None }),
            true => Err(Unpublished {
                at,
                beyond: Vec::new(),
                new: None,
                may_pass: false,
                source: Box::new(Because("it is tired")),
            }),
        };
        Box::pin(async move { outcome })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_that_is_cut_short_goes_on_where_it_was_and_tells_nothing_twice() {
    let shop = TestShop::selling("mug", 1200, 40).await;
    let ann = shop.customer();
    // More than are told of together, and several events of some.
    let mut ids = orders(&shop, &ann).await;
    for _ in 0..8 {
        ids.push(shop.ordered(&ann, &[("mug", 1)]).await);
    }
    shop.drain_stream().await;
    let told = bus(&shop).await;

    let db = Arc::new(Db::connect(&shop.dynamodb.connection()));
    let store = Orders::new(db, shop.table("OrdersTable"));
    let all = told.keys().map(|key| key.replace("EVENT#", ""));
    let all: Vec<String> = all.collect();
    let named = ids.iter().map(|id| OrderId::parse(id).unwrap());
    // Of all orders as the table has them, and of those that are named.
    for orders in [Vec::new(), named.collect()] {
        let bus = Tired::default();
        let mut selection = Selection {
            orders,
            ..Selection::default()
        };
        let mut cut = 0;
        loop {
            let mut told = Told::default();
            let replay = store.replay(&selection, Some(&bus), &mut told, |_| {});
            match replay.await {
                Ok(()) => break,
                Err(ReplayError::Untold { .. }) => selection.from = told.checkpoint,
                Err(error) => panic!("{error}"),
            }
            cut += 1;
        }
        assert!(cut > 4, "{cut}");
        let mut taken = bus.0.into_inner().unwrap();
        taken.sort();
        assert_eq!(taken, all);
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_goes_on_after_an_order_and_leaves_out_what_was_told() {
    let shop = TestShop::selling("mug", 1200, 20).await;
    let ann = shop.customer();
    for _ in 0..3 {
        shop.paid(&ann, &[("mug", 1)]).await;
    }
    shop.drain_stream().await;
    let told = bus(&shop).await;
    // In the order in which they are read.
    let items = shop.items("orders").await;
    let orders = items.iter().map(|item| text(item, "pk"));
    let orders = orders.filter_map(|pk| pk.strip_prefix("ORDER#"));
    let orders: Vec<&str> = orders.collect();
    forget(&shop, told.keys()).await;

    let version = told.keys().find(|key| key.contains(orders[1])).unwrap();
    let first = version.strip_prefix("EVENT#").unwrap();
    let going_on = ["replay-events", "--after", orders[0], "--told", first];
    cargo_shop(&shop, &going_on).await.unwrap();
    let mut expected = told.clone();
    expected.retain(|key, _| !key.contains(orders[0]) && key != version);
    assert_eq!(expected.len(), 3);
    assert_eq!(bus(&shop).await, expected);
    cargo_shop(&shop, &["replay-events"]).await.unwrap();
    assert_eq!(bus(&shop).await, told);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_not_be_read_is_left_out_and_told_and_an_unknown_order_is_an_error() {
    let shop = TestShop::selling("mug", 1200, 20).await;
    let ann = shop.customer();
    shop.paid(&ann, &[("mug", 1)]).await;
    shop.drain_stream().await;
    let told = bus(&shop).await;
    let broken = [("pk", "ORDER#nonsense"), ("status", "placed")];
    let broken = broken.map(|(name, text)| (name.to_owned(), AttributeValue::S(text.to_owned())));
    shop.put_item("orders", broken.into()).await;
    forget(&shop, told.keys()).await;
    let failure = cargo_shop(&shop, &["replay-events"]).await.unwrap_err();
    assert_eq!(failure.exit_code(), 1);
    assert!(failure.to_string().starts_with("1 items can't be read"));
    assert_eq!(bus(&shop).await, told);
    shop.delete("orders", "ORDER#nonsense").await;

    let unknown = format!("ord_{}", "a".repeat(26));
    let failure = cargo_shop(&shop, &["replay-events", "--order", &unknown]).await;
    let failure = failure.unwrap_err();
    assert_eq!(failure.exit_code(), 1);
    let expected = format!("there is no order {unknown}");
    assert!(failure.to_string().contains(&expected), "{failure}");

    // A bus that is elsewhere: nothing is counted, let alone told.
    let table = shop.table("BusTable");
    let gone = shop.dynamodb.client().delete_table().table_name(table);
    gone.send().await.unwrap();
    for command in [&["replay-events"][..], &["replay-events", "--dry-run"]] {
        let failure = cargo_shop(&shop, command).await.unwrap_err();
        assert!(matches!(failure, Failure::NoBus { .. }), "{failure}");
        let way_out = format!("say --event-bus {NAME}");
        assert!(failure.to_string().contains(&way_out), "{failure}");
    }
    shop.lambda.shutdown().await;
    shop.dynamodb.stop().await;
}
