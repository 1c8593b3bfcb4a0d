//! Orders that are accepted.

use serde_json::{Value, json};

use crate::support::{Caller, TestShop, is_new_order, key, usd};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_answered_whole_with_its_lines_summed_and_its_stock_is_taken() {
    let shop = TestShop::open().await;
    shop.product("mug", 1250, 10).await;
    shop.product("pen", 199, 10).await;
    let ann = shop.customer();
    let address = json!({
        "name": "Ann", "line1": "1 Main St", "city": "Springfield", "postal_code": "12345", "country": "US",
    });
    let body = json!({
        "items": [
            {"product_id": "mug", "quantity": 2, "unit_price": usd(1250)},
            {"product_id": "pen", "quantity": 4},
            {"product_id": "mug", "quantity": 3},
        ],
        "shipping_address": address,
    });
    let placed = shop.place(&ann, &key(), &body).send().await;
    let order = placed.expect(201);
    let expected = json!({
        "items": [
            {"product_id": "mug", "title": "The mug", "quantity": 5, "unit_price": usd(1250), "line_total": usd(6250)},
            {"product_id": "pen", "title": "The pen", "quantity": 4, "unit_price": usd(199), "line_total": usd(796)},
        ],
        "total": usd(7046),
        "shipping_address": address,
    });
    is_new_order(&placed, &expected);
    assert_eq!(shop.stock("mug").await["taken"], 5);
    assert_eq!(shop.stock("pen").await["taken"], 4);
    let id = order["id"].as_str().unwrap();
    assert_eq!(shop.order_seen(&ann, id).await.expect(200), order);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_purchase_is_an_order_of_one_line() {
    let shop = TestShop::open().await;
    shop.product("mug", 1250, 10).await;
    let ann = shop.customer();
    let body = json!({"quantity": 3, "unit_price": usd(1250)});
    let bought = shop.buy(&ann, &key(), "mug", &body).send().await;
    let expected = json!({
        "items": [
            {"product_id": "mug", "title": "The mug", "quantity": 3, "unit_price": usd(1250), "line_total": usd(3750)},
        ],
        "total": usd(3750),
    });
    is_new_order(&bought, &expected);
    assert_eq!(shop.available("mug").await, 7);
    let id = bought.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(shop.order_seen(&ann, &id).await.expect(200), bought.json());
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_limits_themselves_are_allowed() {
    let shop = TestShop::open().await;
    let ann = shop.customer();
    let ids: Vec<String> = (0..50).map(|n| format!("thing-{n:02}")).collect();
    for id in &ids {
        shop.product(id, 100_000_000_000, 99).await;
    }
    let most: Vec<(&str, i64)> = ids.iter().map(|id| (id.as_str(), 99)).collect();
    let order = shop.order(&ann, &key(), &most).send().await.expect(201);
    assert_eq!(order["items"].as_array().unwrap().len(), 50);
    assert_eq!(order["total"], usd(100_000_000_000 * 99 * 50));
    shop.product("gift", 0, 1).await;
    let key = "!".repeat(255);
    let free = shop.order(&ann, &key, &[("gift", 1)]).send().await;
    assert_eq!(free.expect(201)["total"], usd(0));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_customers_place_orders() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 10).await;
    let (staff, quantity) = (shop.staff(), json!({"quantity": 1}));
    let nobody = Caller {
        id: String::new(),
        token: "none".into(),
    };
    for (caller, status, slug) in [
        (&staff, 403, "forbidden"),
        (&nobody, 401, "unauthenticated"),
    ] {
        let placed = shop.order(caller, &key(), &[("mug", 1)]).send().await;
        placed.problem(status, slug);
        let bought = shop.buy(caller, &key(), "mug", &quantity).send().await;
        bought.problem(status, slug);
    }
    let ann = shop.customer();
    let keyless = |path: &str, body: &Value| shop.post(path).bearer(&ann.token).json(body);
    let body = json!({"items": [{"product_id": "mug", "quantity": 1}]});
    let placed = keyless("/orders", &body).send().await;
    placed.problem(400, "idempotency-key-missing");
    let bought = keyless("/products/mug/purchases", &quantity).send().await;
    bought.problem(400, "idempotency-key-missing");
    assert_eq!(shop.available("mug").await, 10);
    assert_eq!(shop.orders_seen(&staff).await, 0);
    shop.close().await;
}
