//! Orders of carts that are placed, and what a second tab is told.

use serde_json::{Value, json};

use crate::support::{TestShop, contents, is_new_order, is_replay, key, usd};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_of_a_cart_has_its_lines_and_leaves_it_empty() {
    let shop = TestShop::open().await;
    shop.product("pen", 199, 10).await;
    shop.product("mug", 1250, 10).await;
    let ann = shop.customer();
    let version = shop.fill(&ann, &[("pen", 4), ("mug", 2)]).await;
    let address = json!({
        "name": "Ann", "line1": "1 Main St", "city": "Springfield", "postal_code": "12345", "country": "US",
    });
    let body = json!({"cart_version": version, "shipping_address": address});
    let placed = shop.place(&ann, &key(), &body).send().await;
    let expected = json!({
        "items": [
            {"product_id": "pen", "title": "The pen", "quantity": 4, "unit_price": usd(199), "line_total": usd(796)},
            {"product_id": "mug", "title": "The mug", "quantity": 2, "unit_price": usd(1250), "line_total": usd(2500)},
        ],
        "total": usd(3296),
        "shipping_address": address,
    });
    is_new_order(&placed, &expected);
    assert_eq!(shop.stock("mug").await["taken"], 2);
    assert_eq!(shop.stock("pen").await["taken"], 4);
    let id = placed.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(shop.order_seen(&ann, &id).await.expect(200), placed.json());
    assert_eq!(shop.cart(&ann).await, empty(version));

    // Nothing of the old cart comes back when it is opened again.
    let put = shop.put_in(&ann, "mug", 1).send().await.expect(200);
    assert_eq!(contents(&put), [("mug".into(), 1)]);
    assert_eq!(put["version"], version + 1);
    let next = shop.order_cart(&ann, &key(), version + 1).send().await;
    assert_eq!(contents(&next.expect(201)), [("mug".into(), 1)]);
    assert_eq!(shop.stock("mug").await["taken"], 3);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_is_answered_as_the_first_time_whatever_became_of_the_cart() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 3).await;
    shop.product("pen", 100, 3).await;
    let (ann, once) = (shop.customer(), key());
    let version = shop.fill(&ann, &[("mug", 2)]).await;
    let first = shop.order_cart(&ann, &once, version).send().await;
    let id = first.expect(201)["id"].as_str().unwrap().to_owned();
    let repeats = async || {
        let before = shop.snapshot().await;
        let again = shop.order_cart(&ann, &once, version).send().await;
        is_replay(&again, &first);
        shop.assert_unchanged(&before).await;
    };
    repeats().await;
    shop.fill(&ann, &[("pen", 1), ("mug", 1)]).await;
    repeats().await;
    shop.change("mug", json!({"price": usd(9900), "active": false}))
        .await;
    repeats().await;
    shop.cancel(&ann, &id).send().await.expect(200);
    repeats().await;
    shop.take_out(&ann, "mug").send().await.expect(200);
    let now = shop.fill(&ann, &[("pen", 2)]).await;
    shop.order_cart(&ann, &key(), now).send().await.expect(201);
    repeats().await;

    // Under this key nothing else is ordered: no other version, no items and no other address.
    let item = json!({"product_id": "mug", "quantity": 2});
    for body in [
        json!({"cart_version": now}),
        json!({"items": [item]}),
        json!({"cart_version": version, "shipping_address": {
            "name": "Ann", "line1": "1 Main St", "city": "Springfield", "postal_code": "12345", "country": "US",
        }}),
    ] {
        let other = shop.place(&ann, &once, &body).send().await;
        other.problem(422, "idempotency-key-reused");
    }
    assert_eq!(shop.orders_seen(&ann).await, 2);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_tab_is_told_which_order_has_the_cart_also_when_it_was_opened_again() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 9).await;
    let (ann, bob) = (shop.customer(), shop.customer());
    let version = shop.fill(&ann, &[("mug", 1)]).await;
    shop.fill(&bob, &[("mug", 1)]).await;
    let late = key();
    let placed = shop.order_cart(&ann, &key(), version).send().await;
    let order = placed.expect(201)["id"].clone();
    let told = async |of: u64, cart_version: u64, order_id: Option<&Value>| {
        let before = shop.snapshot().await;
        let refused = shop.order_cart(&ann, &late, of).send().await;
        let problem = refused.problem(409, "cart-changed");
        assert_eq!(problem["cart_version"], cart_version);
        assert_eq!(problem.get("order_id"), order_id);
        shop.assert_unchanged(&before).await;
    };
    told(version, version, Some(&order)).await;
    let opened = shop.fill(&ann, &[("mug", 2)]).await;
    told(version, opened, Some(&order)).await;
    let emptied = shop.take_out(&ann, "mug").send().await.expect(200);
    let emptied = emptied["version"].as_u64().unwrap();
    told(version, emptied, Some(&order)).await;
    // A version that was never ordered has no order.
    let filled = shop.fill(&ann, &[("mug", 3)]).await;
    told(opened, filled, None).await;
    // Of two orders only the last is known.
    let next = shop.order_cart(&ann, &key(), filled).send().await;
    let next = next.expect(201)["id"].clone();
    told(filled, filled, Some(&next)).await;
    told(version, filled, None).await;

    // The refused key has named nothing yet, and Bob's cart is not Ann's.
    let last = shop.fill(&ann, &[("mug", 1)]).await;
    shop.order_cart(&ann, &late, last).send().await.expect(201);
    shop.order_cart(&bob, &key(), 1).send().await.expect(201);
    assert_eq!(shop.available("mug").await, 3);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_stock_of_a_cart_returns_with_its_order_and_the_cart_does_not() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 9).await;
    let ann = shop.customer();
    let mut orders = Vec::new();
    for pieces in [2, 3] {
        let version = shop.fill(&ann, &[("mug", pieces)]).await;
        let placed = shop.order_cart(&ann, &key(), version).send().await;
        orders.push(placed.expect(201)["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(shop.available("mug").await, 4);
    shop.cancel(&ann, &orders[0]).send().await.expect(200);
    assert_eq!(shop.available("mug").await, 6);
    shop.let_expire(&orders[1]).await;
    shop.settle().await;
    assert_eq!(shop.available("mug").await, 9);
    let expired = shop.order_seen(&ann, &orders[1]).await.expect(200);
    assert_eq!(expired["status"], "expired");
    assert_eq!(shop.cart(&ann).await, empty(2));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_of_a_cart_is_one_read_and_one_transaction_and_a_repeat_is_one_read() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 20).await;
    shop.product_in_buckets("hat", 100, 64, 8).await;
    let ann = shop.customer();
    for state in ["a cold function", "a warm one"] {
        let version = shop.fill(&ann, &[("mug", 1), ("hat", 1)]).await;
        let once = key();
        shop.wire.calls();
        let first = shop.order_cart(&ann, &once, version).send().await;
        first.expect(201);
        assert_eq!(
            shop.wire.calls(),
            ["BatchGetItem", "TransactWriteItems"],
            "{state}"
        );
        let again = shop.order_cart(&ann, &once, version).send().await;
        is_replay(&again, &first);
        assert_eq!(shop.wire.calls(), ["BatchGetItem"], "{state}");
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_of_a_cart_whose_answer_was_lost_is_found_and_not_placed_twice() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 5).await;
    let (ann, once) = (shop.customer(), key());
    let version = shop.fill(&ann, &[("mug", 2)]).await;
    shop.wire
        .lose_answers_to(&["TransactWriteItems", "GetItem"], "orders");
    let lost = shop.order_cart(&ann, &once, version).send().await;
    lost.problem(503, "outcome-unknown");
    shop.wire.mend();
    // The other tab does not order it again either.
    let other = shop.order_cart(&ann, &key(), version).send().await;
    let problem = other.problem(409, "cart-changed");
    let found = shop.order_cart(&ann, &once, version).send().await;
    assert_eq!(problem["order_id"], found.expect(201)["id"]);
    assert_eq!(shop.cart(&ann).await, empty(version));
    assert_eq!(shop.available("mug").await, 3);
    assert_eq!(shop.orders_seen(&ann).await, 1);
    shop.close().await;
}

/// An empty cart of this version.
fn empty(version: u64) -> Value {
    json!({"items": [], "total": null, "version": version})
}
