//! Orders of carts.

use serde_json::{Value, json};

use crate::support::{Caller, TestShop, contents, is_new_order, is_replay, key, usd};

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
async fn a_cart_that_is_not_as_it_was_seen_is_not_ordered() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 9).await;
    shop.product("pen", 100, 9).await;
    let (ann, once) = (shop.customer(), key());
    let seen = shop.fill(&ann, &[("mug", 1)]).await;
    let mut now = seen;
    for change in [
        shop.put_in(&ann, "pen", 1),
        shop.put_in(&ann, "mug", 2),
        shop.take_out(&ann, "pen"),
        // The cart is what it was at first, and yet another.
        shop.put_in(&ann, "mug", 1),
    ] {
        now += 1;
        assert_eq!(change.send().await.expect(200)["version"], now);
        let before = shop.snapshot().await;
        for version in [seen, now - 1, now + 1, 0, u64::MAX] {
            let refused = shop.order_cart(&ann, &once, version).send().await;
            let problem = refused.problem(409, "cart-changed");
            assert_eq!(problem["cart_version"], now);
            assert_eq!(problem.get("order_id"), None);
        }
        shop.assert_unchanged(&before).await;
    }
    shop.order_cart(&ann, &once, now).send().await.expect(201);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_nothing_there_is_no_order() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 9).await;
    let (ann, once) = (shop.customer(), key());
    let before = shop.snapshot().await;
    for version in [0, 1] {
        let refused = shop.order_cart(&ann, &once, version).send().await;
        refused.problem(422, "empty-cart");
    }
    shop.assert_unchanged(&before).await;
    let filled = shop.fill(&ann, &[("mug", 1)]).await;
    shop.take_out(&ann, "mug").send().await.expect(200);
    let emptied = shop.order_cart(&ann, &once, filled + 1).send().await;
    emptied.problem(422, "empty-cart");
    let seen_full = shop.order_cart(&ann, &once, filled).send().await;
    seen_full.problem(409, "cart-changed");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changed_prices_are_accepted_by_putting_the_products_again() {
    let shop = TestShop::open().await;
    for id in ["cup", "mug", "pen"] {
        shop.product(id, 100, 9).await;
    }
    let (ann, once) = (shop.customer(), key());
    let version = shop.fill(&ann, &[("cup", 1), ("mug", 2), ("pen", 3)]).await;
    shop.change("mug", json!({"price": usd(150)})).await;
    shop.change("pen", json!({"price": usd(50)})).await;
    let before = shop.snapshot().await;
    let refused = shop.order_cart(&ann, &once, version).send().await;
    let listed = json!([
        {"product_id": "mug", "quoted": usd(100), "current": usd(150)},
        {"product_id": "pen", "quoted": usd(100), "current": usd(50)},
    ]);
    assert_eq!(refused.problem(409, "price-changed")["items"], listed);
    shop.assert_unchanged(&before).await;

    let accepted = shop.fill(&ann, &[("mug", 2)]).await;
    let refused = shop.order_cart(&ann, &once, accepted).send().await;
    let listed = json!([{"product_id": "pen", "quoted": usd(100), "current": usd(50)}]);
    assert_eq!(refused.problem(409, "price-changed")["items"], listed);
    let accepted = shop.fill(&ann, &[("pen", 3)]).await;
    let placed = shop.order_cart(&ann, &once, accepted).send().await;
    assert_eq!(placed.expect(201)["total"], usd(100 + 2 * 150 + 3 * 50));

    // A price that came back is the one that was seen.
    let version = shop.fill(&ann, &[("cup", 1)]).await;
    shop.change("cup", json!({"price": usd(700)})).await;
    let refused = shop.order_cart(&ann, &key(), version).send().await;
    refused.problem(409, "price-changed");
    shop.change("cup", json!({"price": usd(100)})).await;
    let placed = shop.order_cart(&ann, &key(), version).send().await;
    assert_eq!(placed.expect(201)["total"], usd(100));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_has_the_titles_of_its_moment_and_only_what_is_for_sale() {
    let shop = TestShop::open().await;
    shop.product("cup", 100, 9).await;
    shop.product("mug", 100, 9).await;
    let ann = shop.customer();
    let version = shop.fill(&ann, &[("cup", 1), ("mug", 1)]).await;
    shop.change("mug", json!({"title": "The blue mug"})).await;
    let before = shop.cart(&ann).await;
    assert_eq!(before["items"][1]["title"], "The mug");
    shop.change("cup", json!({"active": false})).await;
    let once = key();
    let unchanged = shop.snapshot().await;
    // Again, to the process that has learnt of the change.
    for _ in 0..2 {
        let refused = shop.order_cart(&ann, &once, version).send().await;
        let problem = refused.problem(409, "product-unavailable");
        assert_eq!(problem["product_ids"], json!(["cup"]));
    }
    shop.assert_unchanged(&unchanged).await;
    shop.change("cup", json!({"active": true})).await;
    let placed = shop.order_cart(&ann, &once, version).send().await;
    let items = placed.expect(201)["items"].clone();
    assert_eq!(
        (&items[0]["title"], &items[1]["title"]),
        (&json!("The cup"), &json!("The blue mug"))
    );
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cart_with_more_than_there_is_stays_as_it_is() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 2).await;
    shop.product_in_buckets("hat", 100, 7, 4).await;
    shop.product("pen", 100, 9).await;
    let (ann, once) = (shop.customer(), key());
    let version = shop.fill(&ann, &[("hat", 8), ("mug", 3), ("pen", 1)]).await;
    let (cart, before) = (shop.cart(&ann).await, shop.snapshot().await);
    let short = json!([
        {"product_id": "hat", "requested": 8, "available": 7},
        {"product_id": "mug", "requested": 3, "available": 2},
    ]);
    // Again, to the process that remembers that it was so.
    for _ in 0..3 {
        let refused = shop.order_cart(&ann, &once, version).send().await;
        assert_eq!(refused.problem(409, "out-of-stock")["items"], short);
    }
    shop.assert_unchanged(&before).await;
    assert_eq!(shop.cart(&ann).await, cart);
    shop.receive("mug", 1).await;
    shop.receive("hat", 1).await;
    let placed = shop.order_cart(&ann, &once, version).send().await;
    assert_eq!(placed.expect(201)["items"], cart["items"]);
    assert_eq!(shop.cart(&ann).await, empty(version));
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
async fn an_order_is_of_items_or_of_a_cart() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 9).await;
    let (ann, once) = (shop.customer(), key());
    let version = shop.fill(&ann, &[("mug", 1)]).await;
    let item = json!({"product_id": "mug", "quantity": 1});
    let before = shop.snapshot().await;
    for body in [
        json!({"items": [item], "cart_version": version}),
        json!({}),
        json!({"items": null, "cart_version": null}),
        json!({"cart_version": version.to_string()}),
        json!({"cart_version": -1}),
        json!({"cart_version": 1.0}),
    ] {
        let refused = shop.place(&ann, &once, &body).send().await;
        refused.problem(400, "invalid-body");
    }
    let strangers: [(Caller, u16, &str); 2] = [
        (shop.staff(), 403, "forbidden"),
        (shop.guest(), 403, "forbidden"),
    ];
    for (who, status, slug) in &strangers {
        let refused = shop.order_cart(who, &once, version).send().await;
        refused.problem(*status, slug);
    }
    let keyless = shop.post("/orders").bearer(&ann.token);
    let keyless = keyless.json(&json!({"cart_version": version}));
    let refused = keyless.send().await;
    refused.problem(400, "idempotency-key-missing");
    shop.assert_unchanged(&before).await;

    // An order of items leaves the cart alone.
    shop.ordered(&ann, &[("mug", 2)]).await;
    assert_eq!(contents(&shop.cart(&ann).await), [("mug".into(), 1)]);
    shop.order_cart(&ann, &once, version)
        .send()
        .await
        .expect(201);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_of_a_cart_is_one_read_and_one_transaction_and_a_repeat_is_one_read() {
    let (shop, wire) = TestShop::open_on_a_wire().await;
    shop.product("mug", 100, 20).await;
    shop.product_in_buckets("hat", 100, 64, 8).await;
    let ann = shop.customer();
    for state in ["a cold function", "a warm one"] {
        let version = shop.fill(&ann, &[("mug", 1), ("hat", 1)]).await;
        let once = key();
        wire.calls();
        let first = shop.order_cart(&ann, &once, version).send().await;
        first.expect(201);
        assert_eq!(
            wire.calls(),
            ["BatchGetItem", "TransactWriteItems"],
            "{state}"
        );
        let again = shop.order_cart(&ann, &once, version).send().await;
        is_replay(&again, &first);
        assert_eq!(wire.calls(), ["BatchGetItem"], "{state}");
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_of_a_cart_whose_answer_was_lost_is_found_and_not_placed_twice() {
    let (shop, wire) = TestShop::open_on_a_wire().await;
    shop.product("mug", 100, 5).await;
    let (ann, once) = (shop.customer(), key());
    let version = shop.fill(&ann, &[("mug", 2)]).await;
    wire.lose_answers_to(&["TransactWriteItems", "GetItem"], "orders");
    let lost = shop.order_cart(&ann, &once, version).send().await;
    lost.problem(503, "outcome-unknown");
    wire.mend();
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
