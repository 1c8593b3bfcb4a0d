//! The auditor names what does not agree, and nothing else.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;

use crate::support::{Caller, TestShop, key, text};

const TOLD: &str = "the event bus was told of every status an order had";

/// What the auditor finds: the item and the rule it breaks, and how.
async fn findings(shop: &TestShop) -> BTreeSet<(String, &'static str, String)> {
    let report = shop.audited().await;
    let findings = report.findings.into_iter();
    findings.map(|it| (it.item, it.rule, it.detail)).collect()
}

/// The order of a cart with so many mugs.
async fn ordered_from_cart(shop: &TestShop, who: &Caller, mugs: i64) -> String {
    let put = shop.put("/cart/items/mug").bearer(&who.token);
    let put = put.json(&json!({"quantity": mugs})).send().await;
    let body = json!({"cart_version": put.expect(200)["version"]});
    let placed = shop.place(who, &key(), &body).send().await.expect(201);
    placed["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_is_missing_and_one_too_many_are_found() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let ann = shop.customer();
    let sound = shop.paid(&ann, &[("mug", 1)]).await;
    let missing = shop.paid(&ann, &[("mug", 1)]).await;
    let superfluous = shop.ordered(&ann, &[("mug", 1)]).await;
    assert_eq!(findings(&shop).await, BTreeSet::new());
    let bus = shop.items("bus").await;
    let event = |order: &str, kind: &str| {
        let kind = format!("\"type\":\"order.{kind}\"");
        let is_it = |item: &&std::collections::HashMap<String, AttributeValue>| {
            text(item, "event").contains(order) && text(item, "event").contains(&kind)
        };
        bus.iter().find(is_it).unwrap().clone()
    };
    let forgotten = event(&missing, "placed");
    shop.delete("bus", text(&forgotten, "pk")).await;
    // As if the order that is only placed had been paid, too; and as if there had been another.
    let unknown = "ord_aaaaaaaaaaaaaaaaaaaaaaaaaa";
    let mut added = Vec::new();
    for of in [superfluous.as_str(), unknown] {
        let mut item = event(&sound, "paid");
        let told = text(&item, "event").replace(&sound, of);
        let pk = text(&item, "pk").replace(&sound, of);
        item.insert("event".into(), AttributeValue::S(told));
        item.insert("pk".into(), AttributeValue::S(pk.clone()));
        shop.put_item("bus", item).await;
        added.push(pk);
    }
    let expected = [
        (missing, TOLD, "had placed v1, paid v3, told paid v3"),
        (superfluous, TOLD, "had placed v1, told placed v1, paid v3"),
        (
            unknown.to_owned(),
            "an event has an order",
            "there is no such order",
        ),
    ];
    let expected = expected.map(|(item, rule, detail)| (item, rule, detail.to_owned()));
    assert_eq!(findings(&shop).await, expected.into());
    for pk in &added {
        shop.delete("bus", pk).await;
    }
    shop.put_item("bus", forgotten).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_placed_cart_that_points_to_no_order_or_to_anothers_is_named() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 40).await;
    let mut placed = Vec::new();
    for mugs in 1..=6 {
        let who = shop.customer();
        let order = ordered_from_cart(&shop, &who, mugs).await;
        placed.push((who, order));
    }
    assert_eq!(findings(&shop).await, BTreeSet::new());
    let sound = shop.items("carts").await;
    let pk = |at: usize| format!("CART#{}", placed[at].0.id);
    let unknown = "ord_aaaaaaaaaaaaaaaaaaaaaaaaaa";
    let change = async |at: usize, name: &str, value: &str| {
        shop.set_text("carts", &pk(at), name, value).await;
    };
    // The first stays as it is. The second's order is nowhere, the third's is the first's.
    change(1, "last_order", unknown).await;
    change(2, "last_order", &placed[0].1).await;
    // The fourth's is not said, the fifth's was of an earlier version, the sixth has one mug less than was ordered.
    let mut without = sound
        .iter()
        .find(|it| text(it, "pk") == pk(3))
        .unwrap()
        .clone();
    without.remove("last_order");
    shop.put_item("carts", without).await;
    shop.set_number("carts", &pk(4), "placed_version", 0).await;
    let of_sixth = sound.iter().find(|it| text(it, "pk") == pk(5)).unwrap();
    let line = text(of_sixth, "line:mug").replace("\"quantity\":6", "\"quantity\":5");
    change(5, "line:mug", &line).await;

    let holds = "a placed cart holds what was ordered";
    let differ = |order: &str| format!("{order} and the cart's lines differ");
    let (first, firsts) = (&placed[0].0.id, &placed[0].1);
    let expected = [
        (
            pk(1),
            "a cart's last order is there",
            format!("{unknown} is not there"),
        ),
        (
            pk(2),
            "a cart's last order is its owner's",
            format!("{firsts} is {first}'s"),
        ),
        (pk(2), holds, differ(firsts)),
        (
            pk(3),
            "a placed cart has an order",
            "it has none".to_owned(),
        ),
        (pk(4), holds, differ(&placed[4].1)),
        (pk(5), holds, differ(&placed[5].1)),
    ];
    assert_eq!(findings(&shop).await, expected.into());
    for item in sound {
        shop.put_item("carts", item).await;
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cart_that_was_opened_again_still_has_its_last_order_and_one_that_is_unreadable_is_named()
{
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 40).await;
    let (ann, bob) = (shop.customer(), shop.customer());
    for who in [&ann, &bob] {
        ordered_from_cart(&shop, who, 2).await;
    }
    let put = shop.put("/cart/items/mug").bearer(&ann.token);
    put.json(&json!({"quantity": 7})).send().await.expect(200);
    assert_eq!(findings(&shop).await, BTreeSet::new());
    let sound = shop.items("carts").await;
    let pk = |who: &Caller| format!("CART#{}", who.id);
    let unknown = "ord_aaaaaaaaaaaaaaaaaaaaaaaaaa";
    shop.set_text("carts", &pk(&ann), "last_order", unknown)
        .await;
    shop.set_text("carts", &pk(&bob), "state", "lent").await;
    let expected = [
        (
            pk(&ann),
            "a cart's last order is there",
            format!("{unknown} is not there"),
        ),
        (pk(&bob), "an item can be read", "state".to_owned()),
    ];
    assert_eq!(findings(&shop).await, expected.into());
    for item in sound {
        shop.put_item("carts", item).await;
    }
    shop.close().await;
}
