//! `put-product`.

use serde_json::{Value, json};

use crate::support::{Answer, TestShop, usd};

async fn put(shop: &TestShop, id: &str, body: &Value) -> Answer {
    let call = shop.put(&format!("/products/{id}"));
    call.bearer(&shop.staff().token).json(body).send().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_product_is_created_with_defaults_and_later_changed() {
    let shop = TestShop::open().await;
    let created = put(&shop, "mug", &json!({"title": "Mug", "price": usd(1200)})).await;
    let product = created.expect(201);
    let at = product["created_at"].clone();
    assert!(at.is_string());
    let expected = json!({
        "id": "mug", "title": "Mug", "description": null, "category": null, "price": usd(1200), "image_url": null,
        "active": true, "available": 0, "created_at": at, "updated_at": at, "stock_buckets": 1,
    });
    assert_eq!(product, expected);
    assert_eq!(created.header("location"), "/products/mug");
    assert_eq!(created.header("cache-control"), "no-store");

    let whole = json!({
        "title": "The mug", "description": "Holds tea.\nOr coffee.", "category": "kitchen-ware",
        "price": {"amount": 0, "currency": "JPY"}, "image_url": "https://img.example.com/mug.png",
        "active": false, "stock_buckets": 4,
    });
    let changed = put(&shop, "mug", &whole).await;
    let product = changed.expect(200);
    let mut expected = whole.clone();
    for (name, value) in [
        ("id", json!("mug")),
        ("available", json!(0)),
        ("created_at", at),
        ("updated_at", product["updated_at"].clone()),
    ] {
        expected[name] = value;
    }
    assert_eq!(product, expected);
    assert_eq!(changed.header("location"), "");
    let staff = shop.staff();
    let seen = shop.get("/products/mug").bearer(&staff.token).send().await;
    assert_eq!(seen.expect(200), product);
    assert_eq!(
        shop.stock("mug").await["buckets"].as_array().unwrap().len(),
        4
    );
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_left_out_of_a_change_stays_for_activity_and_buckets_and_goes_for_the_rest() {
    let shop = TestShop::open().await;
    let whole = json!({
        "title": "Mug", "description": "Holds tea.", "category": "kitchen", "price": usd(1200),
        "image_url": "http://img.example.com/mug.png", "active": false, "stock_buckets": 3,
    });
    put(&shop, "mug", &whole).await.expect(201);
    let mut product = put(&shop, "mug", &json!({"title": "Mug", "price": usd(1200)}))
        .await
        .expect(200);
    for time in ["created_at", "updated_at"] {
        assert!(
            product
                .as_object_mut()
                .unwrap()
                .remove(time)
                .unwrap()
                .is_string()
        );
    }
    let expected = json!({
        "id": "mug", "title": "Mug", "description": null, "category": null, "price": usd(1200), "image_url": null,
        "active": false, "available": 0, "stock_buckets": 3,
    });
    assert_eq!(product, expected);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_buckets_are_added_empty_and_fewer_keep_what_the_others_hold() {
    let shop = TestShop::open().await;
    shop.product_in_buckets("mug", 1200, 6, 2).await;
    let levels = async || {
        let stock = shop.stock("mug").await;
        let buckets = stock["buckets"].as_array().unwrap().iter();
        let levels: Vec<i64> = buckets
            .map(|bucket| bucket["available"].as_i64().unwrap())
            .collect();
        assert_eq!(stock["available"], levels.iter().sum::<i64>());
        levels
    };
    assert_eq!(levels().await, [3, 3]);
    let with = |buckets: i64| json!({"title": "Mug", "price": usd(1200), "stock_buckets": buckets});
    put(&shop, "mug", &with(4)).await.expect(200);
    assert_eq!(levels().await, [3, 3, 0, 0]);
    // New pieces go to where there are fewest.
    shop.receive("mug", 8).await;
    assert_eq!(levels().await, [5, 5, 2, 2]);
    let product = put(&shop, "mug", &with(1)).await.expect(200);
    assert_eq!(product["stock_buckets"], 1);
    assert_eq!(levels().await, [5, 5, 2, 2]);
    shop.receive("mug", 1).await;
    assert_eq!(levels().await, [6, 5, 2, 2]);
    // What lies in buckets that are no longer tried first is still sold.
    let buyer = shop.customer();
    let order = shop.order(&buyer, "all", &[("mug", 15)]).send().await;
    order.expect(201);
    assert_eq!(levels().await, [0, 0, 0, 0]);
    put(&shop, "mug", &with(64)).await.expect(200);
    assert_eq!(levels().await, [0; 64]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_a_change_was_answered_nobody_buys_at_the_old_offer() {
    let shop = TestShop::open().await;
    shop.product_in_buckets("mug", 1200, 64, 8).await;
    let buyer = shop.customer();
    put(
        &shop,
        "mug",
        &json!({"title": "New mug", "price": usd(1500)}),
    )
    .await
    .expect(200);
    let order = shop
        .order(&buyer, "new", &[("mug", 40)])
        .send()
        .await
        .expect(201);
    assert_eq!(order["total"], usd(60_000));
    assert_eq!(order["items"][0]["title"], "New mug");
    put(
        &shop,
        "mug",
        &json!({"title": "New mug", "price": usd(1500), "active": false}),
    )
    .await
    .expect(200);
    let refused = shop.order(&buyer, "none", &[("mug", 1)]).send().await;
    let problem = refused.problem(409, "product-unavailable");
    assert_eq!(problem["product_ids"], json!(["mug"]));
    put(
        &shop,
        "mug",
        &json!({"title": "New mug", "price": usd(1500), "active": true}),
    )
    .await
    .expect(200);
    shop.order(&buyer, "none", &[("mug", 1)])
        .send()
        .await
        .expect(201);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_product_that_breaks_a_rule_is_neither_created_nor_changed() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 1).await;
    let before = shop.snapshot().await;
    let (long_title, long_text) = ("t".repeat(101), "d".repeat(4001));
    let long_url = format!("https://example.com/{}", "u".repeat(2000));
    let long_category = "c".repeat(65);
    for (member, value) in [
        ("title", json!("")),
        ("title", json!(" \t ")),
        ("title", json!(long_title)),
        ("title", json!("two\nlines")),
        ("description", json!("")),
        ("description", json!(long_text)),
        ("description", json!("a\u{0}b")),
        ("category", json!("")),
        ("category", json!("Kitchen")),
        ("category", json!("kitchen ware")),
        ("category", json!("küche")),
        ("category", json!(long_category)),
        ("price", usd(-1)),
        ("price", usd(100_000_000_001)),
        ("price", usd(i64::MAX)),
        ("price", usd(i64::MIN)),
        ("price", json!({"amount": 1, "currency": "usd"})),
        ("price", json!({"amount": 1, "currency": "ZZZ"})),
        ("price", json!({"amount": 1, "currency": ""})),
        ("image_url", json!("")),
        ("image_url", json!("img.png")),
        ("image_url", json!("https://")),
        ("image_url", json!("javascript:alert(1)")),
        ("image_url", json!("https://example.com/a b")),
        ("image_url", json!("https://example.com/ü")),
        ("image_url", json!(long_url)),
        ("stock_buckets", json!(0)),
        ("stock_buckets", json!(-1)),
        ("stock_buckets", json!(65)),
        ("stock_buckets", json!(257)),
        ("stock_buckets", json!(i64::MAX)),
    ] {
        let mut body = json!({"title": "Mug", "price": usd(1)});
        body[member] = value;
        for id in ["mug", "new"] {
            let problem = put(&shop, id, &body).await.problem(422, "invalid-product");
            let detail = problem["detail"].as_str().unwrap().to_lowercase();
            assert!(detail.contains(member), "{member}: {detail}");
        }
    }
    for id in [
        "UPPER",
        "a_b",
        "a.b",
        "%C3%BC",
        &"i".repeat(65),
        "a%20b",
        "prd_",
        "a%23b",
    ] {
        let body = json!({"title": "Mug", "price": usd(1)});
        put(&shop, id, &body).await.problem(422, "invalid-product");
    }
    shop.assert_unchanged(&before).await;

    let longest = json!({
        "title": "ü".repeat(100), "description": "d".repeat(4000), "category": "c".repeat(64),
        "price": usd(100_000_000_000), "image_url": long_url[..2000], "stock_buckets": 64,
    });
    put(&shop, &"i".repeat(64), &longest).await.expect(201);
    put(&shop, "prd_1-a", &json!({"title": "Mug", "price": usd(1)}))
        .await
        .expect(201);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_product_changed_and_changed_back_and_changed_again_is_as_it_was_put_last() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 1).await;
    for round in 0..3 {
        for description in ["Holds tea.", "Holds coffee.", "Holds tea.", "Holds coffee."] {
            let body = json!({"title": "Mug", "price": usd(1200), "description": description});
            put(&shop, "mug", &body).await.expect(200);
            let seen = shop.get("/products/mug").send().await.expect(200);
            assert_eq!(seen["description"], description, "round {round}");
        }
    }
    shop.close().await;
}
