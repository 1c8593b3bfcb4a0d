//! The same request again, and other requests under the same key.

use serde_json::{Value, json};

use crate::support::{TestShop, is_replay, key, usd};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_is_answered_as_the_first_time_whatever_became_of_shop_and_order() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 6).await;
    let (ann, bob) = (shop.customer(), shop.customer());
    let wanted = [("mug", 1)];
    let keys: Vec<String> = (0..4).map(|_| key()).collect();
    let quantity = json!({"quantity": 1, "unit_price": usd(1200)});
    let (mut first, mut ids) = (Vec::new(), Vec::new());
    for key in &keys[..3] {
        first.push(shop.order(&ann, key, &wanted).send().await);
    }
    first.push(shop.buy(&ann, &keys[3], "mug", &quantity).send().await);
    for answer in &first {
        ids.push(answer.expect(201)["id"].as_str().unwrap().to_owned());
    }
    let all_repeat = async |shop: &TestShop| {
        for (key, first) in keys[..3].iter().zip(&first) {
            is_replay(&shop.order(&ann, key, &wanted).send().await, first);
        }
        is_replay(
            &shop.buy(&ann, &keys[3], "mug", &quantity).send().await,
            &first[3],
        );
    };
    all_repeat(&shop).await;
    shop.change("mug", json!({"price": usd(9900), "title": "Another"}))
        .await;
    all_repeat(&shop).await;
    shop.ordered(&bob, &[("mug", 2)]).await;
    assert_eq!(shop.available("mug").await, 0);
    all_repeat(&shop).await;
    shop.change("mug", json!({"active": false})).await;
    all_repeat(&shop).await;
    shop.pay(&ann, &ids[0], &key(), "tok_ok")
        .send()
        .await
        .expect(200);
    shop.cancel(&ann, &ids[1]).send().await.expect(200);
    shop.let_expire(&ids[2]).await;
    all_repeat(&shop).await;
    shop.settle().await;
    all_repeat(&shop).await;
    let stock = shop.stock("mug").await;
    assert_eq!(
        (&stock["available"], &stock["taken"]),
        (&json!(2), &json!(4))
    );
    assert_eq!(shop.orders_seen(&ann).await, 4);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_names_one_request_and_any_other_is_refused() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 50).await;
    shop.product("pen", 300, 50).await;
    let ann = shop.customer();
    let once = key();
    let line = |id: &str, quantity: i64| json!({"product_id": id, "quantity": quantity});
    let address = json!({
        "name": "Ann", "line1": "1 Main St", "city": "Springfield", "postal_code": "12345", "country": "US",
    });
    let body = json!({"items": [line("mug", 2), line("pen", 1)], "shipping_address": address});
    shop.place(&ann, &once, &body).send().await.expect(201);
    let with = |member: &str, value: Value| {
        let mut changed = body.clone();
        changed[member] = value;
        changed
    };
    let mut moved = address.clone();
    moved["line2"] = json!("Back yard");
    let quoted = json!({"product_id": "mug", "quantity": 2, "unit_price": usd(1200)});
    let others = [
        with("items", json!([line("mug", 3), line("pen", 1)])),
        with("items", json!([line("mug", 1), line("pen", 2)])),
        with("items", json!([line("mug", 2)])),
        with("items", json!([line("mug", 2), line("cup", 1)])),
        with("items", json!([quoted, line("pen", 1)])),
        with("shipping_address", moved),
        with("shipping_address", Value::Null),
    ];
    for other in &others {
        let reused = shop.place(&ann, &once, other).send().await;
        reused.problem(422, "idempotency-key-reused");
    }
    // A purchase and an order share their keys, even when both ask for the same.
    let purchase = key();
    shop.buy(&ann, &purchase, "mug", &json!({"quantity": 1}))
        .send()
        .await
        .expect(201);
    let placed = shop.order(&ann, &purchase, &[("mug", 1)]).send().await;
    placed.problem(422, "idempotency-key-reused");
    let bought = shop
        .buy(&ann, &purchase, "pen", &json!({"quantity": 1}))
        .send()
        .await;
    bought.problem(422, "idempotency-key-reused");
    let bought = shop
        .buy(&ann, &once, "mug", &json!({"quantity": 2}))
        .send()
        .await;
    bought.problem(422, "idempotency-key-reused");
    assert_eq!(shop.available("mug").await, 47);
    assert_eq!(shop.available("pen").await, 49);

    // Somebody else's equal key is another key.
    let bob = shop.customer();
    let placed = shop.place(&bob, &once, &others[0]).send().await;
    placed.expect(201);
    assert!(!placed.is_replayed());
    assert_eq!(shop.orders_seen(&bob).await, 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_written_differently_is_no_other_request() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    shop.product("pen", 300, 9).await;
    let ann = shop.customer();
    let once = key();
    let first =
        r#"{"items":[{"product_id":"mug","quantity":2},{"product_id":"pen","quantity":1}]}"#;
    let send = |body: &str| {
        let call = shop.post("/orders").bearer(&ann.token).key(&once);
        call.body("Application/JSON; charset=utf-8", body.to_owned())
            .send()
    };
    let placed = send(first).await;
    placed.expect(201);
    for written in [
        // White space and the order of members.
        "{ \"items\" : [\n\t{\"quantity\":2, \"product_id\":\"mug\"}, {\"quantity\":1,\"product_id\":\"p\\u0065n\"} ] }\n",
        // The order of lines.
        r#"{"items":[{"product_id":"pen","quantity":1},{"product_id":"mug","quantity":2}]}"#,
        // Null is absent.
        r#"{"shipping_address":null,"items":[{"product_id":"mug","quantity":2,"unit_price":null},{"product_id":"pen","quantity":1}]}"#,
        // Lines of one product are summed.
        r#"{"items":[{"product_id":"mug","quantity":1},{"product_id":"pen","quantity":1},{"product_id":"mug","quantity":1}]}"#,
    ] {
        is_replay(&send(written).await, &placed);
    }
    assert_eq!(shop.available("mug").await, 7);
    let bought = shop
        .buy(&ann, &key(), "pen", &json!({"quantity": 1}))
        .send()
        .await;
    bought.expect(201);
    shop.close().await;
}
