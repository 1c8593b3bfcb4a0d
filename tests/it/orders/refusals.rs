//! Orders that are refused, and change nothing.

use serde_json::{Value, json};

use crate::support::{TestShop, key, usd};

fn items(items: Value) -> Value {
    json!({"items": items})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_breaks_a_rule_is_refused_for_that_reason() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 200).await;
    let ann = shop.customer();
    let one = |quantity: Value| json!({"product_id": "mug", "quantity": quantity});
    let quoted = |price: Value| json!({"product_id": "mug", "quantity": 1, "unit_price": price});
    let many: Vec<Value> = (0..51)
        .map(|n| json!({"product_id": format!("thing-{n}"), "quantity": 1}))
        .collect();
    let address = |name: &str, value: &str| {
        let mut address = json!({
            "name": "Ann", "line1": "1 Main St", "city": "Springfield", "postal_code": "12345", "country": "US",
        });
        address[name] = json!(value);
        json!({"items": [one(json!(1))], "shipping_address": address})
    };
    let too_many = "The member quantity of mug must be between 1 and 99, its lines added together.";
    let no_price =
        "In the member unit_price of mug, amount must be between 0 and 100000000000 minor units.";
    let no_currency = "In the member unit_price of mug, currency must be an upper-case ISO 4217 code such as USD.";
    let long = "x".repeat(101);
    let refused = [
        (
            items(json!([])),
            "The member items must hold at least one item.",
        ),
        (
            items(json!(many)),
            "The member items must hold at most 50 different products.",
        ),
        (items(json!([one(json!(0))])), too_many),
        (items(json!([one(json!(-1))])), too_many),
        (items(json!([one(json!(100))])), too_many),
        (items(json!([one(json!(i64::MAX))])), too_many),
        (items(json!([one(json!(50)), one(json!(50))])), too_many),
        (items(json!([one(json!(5)), one(json!(-4))])), too_many),
        (
            items(json!([quoted(usd(1200)), quoted(usd(1300))])),
            "The member unit_price of mug must be the same in all its lines.",
        ),
        (items(json!([quoted(usd(-1))])), no_price),
        (items(json!([quoted(usd(100_000_000_001))])), no_price),
        (
            items(json!([quoted(json!({"amount": 1200, "currency": "usd"}))])),
            no_currency,
        ),
        (
            address("name", " "),
            "The member shipping_address.name must not be empty.",
        ),
        (
            address("city", &long),
            "The member shipping_address.city must be at most 100 characters long.",
        ),
        (
            address("line2", "a\nb"),
            "The member shipping_address.line2 must not contain control characters.",
        ),
        (
            address("country", "XX"),
            "The member shipping_address.country must be an upper-case ISO 3166-1 alpha-2 code such as DE.",
        ),
    ];
    for (body, detail) in &refused {
        let problem = shop
            .place(&ann, &key(), body)
            .send()
            .await
            .problem(422, "invalid-order");
        let said = problem["detail"].as_str().unwrap();
        assert_eq!(said, *detail, "{body}");
    }
    for quantity in [0, -1, 100, i64::MIN] {
        let bought = shop
            .buy(&ann, &key(), "mug", &json!({"quantity": quantity}))
            .send()
            .await;
        bought.problem(422, "invalid-quantity");
    }
    let body = json!({"quantity": 1, "unit_price": usd(-1)});
    let bought = shop.buy(&ann, &key(), "mug", &body).send().await;
    bought.problem(422, "invalid-order");
    assert_eq!(shop.available("mug").await, 200);
    assert_eq!(shop.orders_seen(&ann).await, 0);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changed_prices_are_all_listed_with_what_was_quoted_and_what_they_are() {
    let shop = TestShop::open().await;
    for (id, price) in [("mug", 1200), ("pen", 300), ("cup", 800)] {
        shop.product(id, price, 5).await;
    }
    let ann = shop.customer();
    let euros = json!({"amount": 300, "currency": "EUR"});
    let body = items(json!([
        {"product_id": "mug", "quantity": 1, "unit_price": usd(1199)},
        {"product_id": "cup", "quantity": 1, "unit_price": usd(800)},
        {"product_id": "pen", "quantity": 1, "unit_price": euros},
    ]));
    let once = key();
    let problem = shop
        .place(&ann, &once, &body)
        .send()
        .await
        .problem(409, "price-changed");
    let listed = json!([
        {"product_id": "mug", "quoted": usd(1199), "current": usd(1200)},
        {"product_id": "pen", "quoted": euros, "current": usd(300)},
    ]);
    assert_eq!(problem["items"], listed);
    let body = json!({"quantity": 1, "unit_price": usd(1)});
    let problem = shop
        .buy(&ann, &once, "mug", &body)
        .send()
        .await
        .problem(409, "price-changed");
    assert_eq!(
        problem["items"],
        json!([{"product_id": "mug", "quoted": usd(1), "current": usd(1200)}])
    );
    assert_eq!(
        shop.available("mug").await + shop.available("pen").await,
        10
    );

    // Accepting the new prices is another request, and since the key was refused so far it may name that one.
    let accepted = items(json!([{"product_id": "mug", "quantity": 1, "unit_price": usd(1200)}]));
    let placed = shop.place(&ann, &once, &accepted).send().await;
    assert_eq!(placed.expect(201)["total"], usd(1200));
    assert!(!placed.is_replayed());
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_unknown_or_not_sold_is_unavailable_and_all_of_it_is_listed() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 5).await;
    shop.product("old", 1200, 5).await;
    shop.change("old", json!({"active": false})).await;
    let ann = shop.customer();
    let once = key();
    let wanted = [
        ("ghost", 1),
        ("mug", 1),
        ("old", 2),
        ("phantom", 1),
        ("ghost", 1),
    ];
    let refused = shop.order(&ann, &once, &wanted).send().await;
    let problem = refused.problem(409, "product-unavailable");
    assert_eq!(problem["product_ids"], json!(["ghost", "old", "phantom"]));
    let impossible = [("mug", 1), ("Not An Id!", 1), ("../mug", 1)];
    let refused = shop.order(&ann, &once, &impossible).send().await;
    let problem = refused.problem(409, "product-unavailable");
    assert_eq!(problem["product_ids"], json!(["Not An Id!", "../mug"]));
    for id in ["ghost", "old", "Not%20An%20Id!"] {
        let bought = shop
            .buy(&ann, &once, id, &json!({"quantity": 1}))
            .send()
            .await;
        bought.problem(404, "product-not-found");
    }
    assert_eq!(
        shop.available("old").await + shop.available("mug").await,
        10
    );
    assert_eq!(shop.orders_seen(&ann).await, 0);
    shop.change("old", json!({"active": true})).await;
    let placed = shop.order(&ann, &once, &[("old", 2)]).send().await;
    placed.expect(201);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_short_is_listed_exactly_and_nothing_of_the_rest_is_taken() {
    let shop = TestShop::open().await;
    for (id, pieces) in [("mug", 2), ("pen", 10), ("cup", 0)] {
        shop.product(id, 100, pieces).await;
    }
    shop.product_in_buckets("hat", 100, 7, 4).await;
    let ann = shop.customer();
    let once = key();
    let wanted = [("mug", 2), ("pen", 3), ("cup", 1), ("hat", 8), ("mug", 1)];
    let short = json!([
        {"product_id": "mug", "requested": 3, "available": 2},
        {"product_id": "cup", "requested": 1, "available": 0},
        {"product_id": "hat", "requested": 8, "available": 7},
    ]);
    // Again, to the process that remembers that it was so.
    for _ in 0..3 {
        let problem = shop
            .order(&ann, &once, &wanted)
            .send()
            .await
            .problem(409, "out-of-stock");
        assert_eq!(problem["items"], short);
    }
    let problem = shop
        .buy(&ann, &once, "cup", &json!({"quantity": 1}))
        .send()
        .await;
    let problem = problem.problem(409, "out-of-stock");
    assert_eq!(
        problem["items"],
        json!([{"product_id": "cup", "requested": 1, "available": 0}])
    );
    assert_eq!(shop.available("pen").await, 10);
    assert_eq!(shop.orders_seen(&ann).await, 0);

    // A refusal is not remembered: with a delivery the same key succeeds.
    for id in ["mug", "cup", "hat"] {
        shop.receive(id, 1).await;
    }
    shop.order(&ann, &once, &wanted).send().await.expect(201);
    assert_eq!(shop.available("mug").await, 0);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_order_is_in_one_currency() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 5).await;
    shop.product("yen", 1200, 5).await;
    shop.change("yen", json!({"price": {"amount": 900, "currency": "JPY"}}))
        .await;
    let ann = shop.customer();
    let mixed = shop
        .order(&ann, &key(), &[("mug", 1), ("yen", 1)])
        .send()
        .await;
    let problem = mixed.problem(422, "invalid-order");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("different currencies"),
        "{problem}"
    );
    assert_eq!(
        shop.available("mug").await + shop.available("yen").await,
        10
    );
    let apart = shop
        .order(&ann, &key(), &[("yen", 2)])
        .send()
        .await
        .expect(201);
    assert_eq!(apart["total"], json!({"amount": 1800, "currency": "JPY"}));
    shop.close().await;
}
