//! `get-product` and `get-stock`.

use serde_json::{Value, json};

use crate::support::{TestShop, key, usd};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn anybody_may_keep_a_product_for_five_seconds_but_not_what_a_session_saw() {
    let shop = TestShop::open().await;
    shop.product_in_buckets("mug", 1200, 5, 2).await;
    shop.drain_stream().await;
    let answer = shop.get("/products/mug").send().await;
    let product = answer.expect(200);
    let public = json!({
        "id": "mug", "title": "The mug", "description": null, "category": "things", "price": usd(1200),
        "image_url": null, "active": true, "available": 5,
        "created_at": product["created_at"], "updated_at": product["updated_at"],
    });
    assert_eq!(product, public);
    assert_eq!(answer.header("cache-control"), "public, max-age=5");
    assert_eq!(answer.header("vary"), "authorization");
    assert_eq!(answer.header("content-type"), "application/json");

    let mut staffs = public.clone();
    staffs["stock_buckets"] = json!(2);
    for (caller, expected) in [(shop.customer(), public), (shop.staff(), staffs)] {
        let answer = shop.get("/products/mug").bearer(&caller.token).send().await;
        assert_eq!(answer.expect(200), expected);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let unknown = shop.get("/products/cup").send().await;
    unknown.problem(404, "product-not-found");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_available_follows_sales_and_returns_through_the_stream() {
    let shop = TestShop::open().await;
    shop.product_in_buckets("mug", 1200, 5, 2).await;
    let buyer = shop.customer();
    let available = async || {
        shop.drain_stream().await;
        let product = shop.get("/products/mug").send().await.expect(200);
        let list = shop.get("/products").send().await.expect(200);
        (
            product["available"].clone(),
            list["items"][0]["in_stock"].clone(),
        )
    };
    assert_eq!(available().await, (json!(5), json!(true)));
    let order = shop
        .order(&buyer, &key(), &[("mug", 5)])
        .send()
        .await
        .expect(201);
    assert_eq!(available().await, (json!(0), json!(false)));
    let path = format!("/orders/{}/cancellation", order["id"].as_str().unwrap());
    shop.post(&path)
        .bearer(&buyer.token)
        .send()
        .await
        .expect(200);
    assert_eq!(available().await, (json!(5), json!(true)));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inactive_product_is_there_for_staff_alone() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 5).await;
    shop.product("cup", 900, 5).await;
    let (staff, customer) = (shop.staff(), shop.customer());
    let hide =
        json!({"title": "The mug", "category": "things", "price": usd(1200), "active": false});
    shop.put("/products/mug")
        .bearer(&staff.token)
        .json(&hide)
        .send()
        .await
        .expect(200);
    shop.drain_stream().await;

    let ids = |list: Value| -> Vec<String> {
        let items = list["items"].as_array().unwrap().iter();
        items
            .map(|item| item["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let unknown = shop.get("/products/unknown").send().await;
    for token in [None, Some(&customer.token)] {
        let call = |path: &str| match token {
            Some(token) => shop.get(path).bearer(token),
            None => shop.get(path),
        };
        let answer = call("/products/mug").send().await;
        answer.problem(404, "product-not-found");
        assert_eq!(answer.without_instance(), unknown.without_instance());
        for list in [
            "/products",
            "/products?category=things",
            "/products?query=the",
        ] {
            assert_eq!(ids(call(list).send().await.expect(200)), ["cup"]);
        }
    }
    let buy = shop
        .post("/products/mug/purchases")
        .bearer(&customer.token)
        .key(&key());
    let bought = buy.json(&json!({"quantity": 1})).send().await;
    bought.problem(404, "product-not-found");

    let seen = shop
        .get("/products/mug")
        .bearer(&staff.token)
        .send()
        .await
        .expect(200);
    assert_eq!(
        (&seen["active"], &seen["available"]),
        (&json!(false), &json!(5))
    );
    for list in [
        "/products",
        "/products?category=things",
        "/products?query=the",
    ] {
        let list = shop.get(list).bearer(&staff.token).send().await.expect(200);
        assert_eq!(ids(list), ["cup", "mug"]);
    }
    assert_eq!(shop.stock("mug").await["available"], 5);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stock_is_exact_bucket_by_bucket_before_the_stream_came_by() {
    let shop = TestShop::open().await;
    shop.product_in_buckets("mug", 1200, 5, 2).await;
    let buyer = shop.customer();
    shop.order(&buyer, &key(), &[("mug", 5)])
        .send()
        .await
        .expect(201);
    shop.receive("mug", 1).await;
    let expected = json!({
        "product_id": "mug", "available": 1, "taken": 5, "received": 6,
        "buckets": [
            {"bucket": 0, "available": 1, "taken": 3, "received": 4},
            {"bucket": 1, "available": 0, "taken": 2, "received": 2},
        ],
    });
    assert_eq!(shop.stock("mug").await, expected);
    let staff = shop.staff();
    let unknown = shop
        .get("/products/cup/stock")
        .bearer(&staff.token)
        .send()
        .await;
    unknown.problem(404, "product-not-found");
    shop.close().await;
}
