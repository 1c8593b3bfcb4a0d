//! Orders of carts that are refused, and the cart afterwards.

use serde_json::json;

use crate::support::{Caller, TestShop, contents, key, usd};

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
    assert_eq!(contents(&shop.cart(&ann).await), []);
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
