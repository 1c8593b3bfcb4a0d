//! What the schedule does every minute.

use serde_json::json;

use crate::support::{TestShop, key, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unpaid_orders_expire_once_and_their_stock_returns() {
    let shop = TestShop::open().await;
    shop.product_in_buckets("mug", 1200, 12, 3).await;
    let untouched = shop.stock("mug").await;
    let ann = shop.customer();
    let (late, over) = (
        shop.ordered(&ann, &[("mug", 2)]).await,
        shop.ordered(&ann, &[("mug", 10)]).await,
    );
    assert_eq!(
        shop.settle().await["due"],
        0,
        "nothing is due before its time"
    );
    let before = shop.order_seen(&ann, &late).await.expect(200);
    for order in [&late, &over] {
        shop.let_expire(order).await;
    }
    let shown = shop.order_seen(&ann, &late).await.expect(200);
    assert_eq!(
        (&shown["status"], &shown["version"]),
        (&json!("expired"), &json!(1))
    );
    assert_eq!(shop.available("mug").await, 0);
    let round =
        json!({"due": 2, "expired": 2, "charges": 0, "given_back": 0, "deletions": 0, "left": 0});
    assert_eq!(shop.settle().await, round);
    let expired = shop.order_seen(&ann, &late).await.expect(200);
    let mut expected = before.clone();
    expected["status"] = json!("expired");
    expected["version"] = json!(2);
    expected["expires_at"] = shown["expires_at"].clone();
    expected["history"] = json!([before["history"][0], {"status": "expired", "at": expired["history"][1]["at"], "by": "system"}]);
    assert_eq!(expired, expected);
    assert_eq!(shop.stock("mug").await, untouched);
    assert_eq!(shop.settle().await["due"], 0);
    assert_eq!(shop.order_seen(&ann, &late).await.expect(200), expired);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_rounds_at_once_expire_each_order_once() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 20).await;
    let ann = shop.customer();
    for _ in 0..8 {
        let order = shop.ordered(&ann, &[("mug", 2)]).await;
        shop.let_expire(&order).await;
    }
    let (one, two) = tokio::join!(shop.settle(), shop.settle());
    assert_eq!(shop.available("mug").await, 20, "{one} {two}");
    let list = shop
        .get("/orders?status=expired")
        .bearer(&ann.token)
        .send()
        .await
        .expect(200);
    for order in list["items"].as_array().unwrap() {
        assert_eq!(
            (
                &order["version"],
                order["history"].as_array().unwrap().len()
            ),
            (&json!(2), 2)
        );
    }
    assert_eq!(list["items"].as_array().unwrap().len(), 8);
    assert_eq!(shop.settle().await["due"], 0);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_cannot_be_read_keeps_no_other_waiting() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 40).await;
    let ann = shop.customer();
    // Enough for several to share each of the parts in which due work is listed.
    let mut orders = Vec::new();
    for _ in 0..20 {
        orders.push(shop.ordered(&ann, &[("mug", 1)]).await);
    }
    let broken = orders.split_off(16);
    for order in orders.iter().chain(&broken) {
        shop.let_expire(order).await;
    }
    let mut kept = Vec::new();
    for order in &broken {
        kept.push(shop.allocations(order).await);
        shop.set_text(
            "orders",
            &format!("ORDER#{order}"),
            "allocations",
            "nonsense",
        )
        .await;
    }
    let settled = shop.settle().await;
    assert_eq!(
        settled,
        json!({"due": 20, "expired": 16, "charges": 0, "given_back": 0, "deletions": 0, "left": 4})
    );
    assert_eq!(shop.available("mug").await, 36);
    for order in &orders {
        assert_eq!(
            shop.order_seen(&ann, order).await.expect(200)["status"],
            "expired"
        );
    }
    let answer = shop.order_seen(&ann, &broken[0]).await;
    answer.problem(500, "internal-error");
    for (order, allocations) in broken.iter().zip(&kept) {
        shop.set_text(
            "orders",
            &format!("ORDER#{order}"),
            "allocations",
            allocations,
        )
        .await;
    }
    assert_eq!(shop.settle().await["expired"], 4);
    assert_eq!(shop.available("mug").await, 40);
    let placed = shop.order(&ann, &key(), &[("mug", 40)]).send().await;
    placed.expect(201);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_order_at_all_keeps_no_order_waiting() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 5).await;
    let ann = shop.customer();
    let order = shop.ordered(&ann, &[("mug", 1)]).await;
    shop.let_expire(&order).await;
    // Beside the order, in the same part of the list of due work, and due before it.
    let due = text(&shop.order_item(&order).await, "due").to_owned();
    let stray = "ORDER#nonsense";
    shop.set_text("orders", stray, "due", &due).await;
    shop.set_number("orders", stray, "next_action_at", 1).await;
    let settled = shop.settle().await;
    assert_eq!(
        (&settled["due"], &settled["expired"], &settled["left"]),
        (&json!(2), &json!(1), &json!(1))
    );
    assert_eq!(shop.available("mug").await, 5);
    shop.delete("orders", stray).await;
    shop.close().await;
}
