//! Many buyers and few pieces.

use std::sync::Arc;

use serde_json::json;

use super::{at_once, busy_shop, close, persistent, with_status};
use crate::support::{Answer, TestShop, key};

/// Orders of one piece of the product by as many buyers, all at once.
async fn storm(shop: &Arc<TestShop>, buyers: usize, product: &'static str) -> Vec<Answer> {
    let buying = (0..buyers).map(|_| {
        let shop = shop.clone();
        async move {
            let (buyer, key) = (shop.customer(), key());
            persistent(|| shop.order(&buyer, &key, &[(product, 1)])).await
        }
    });
    at_once(buying).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_buyers_of_five_pieces_place_five_orders() {
    for buckets in [1, 16] {
        let shop = busy_shop().await;
        shop.product_in_buckets("mug", 100, 5, buckets).await;
        let answers = storm(&shop, 40, "mug").await;
        assert_eq!(with_status(&answers, 201).len(), 5, "{answers:#?}");
        let refused = with_status(&answers, 409);
        assert_eq!(refused.len(), 35);
        for problem in refused {
            assert_eq!(problem["type"], "/problems/out-of-stock");
            assert_eq!(
                problem["items"],
                json!([{"product_id": "mug", "requested": 1, "available": 0}])
            );
        }
        assert!(shop.lambda.overlapping("place-order") > 1, "they did meet");
        let stock = shop.stock("mug").await;
        assert_eq!(
            (&stock["available"], &stock["taken"]),
            (&json!(0), &json!(5))
        );
        assert_eq!(shop.orders_seen(&shop.staff()).await, 5);
        close(shop).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_products_bought_in_opposite_order_lock_nobody_out() {
    let shop = busy_shop().await;
    shop.product("mug", 100, 12).await;
    shop.product("pen", 100, 12).await;
    let buying = (0..16).map(|n| {
        let shop = shop.clone();
        async move {
            let (buyer, key) = (shop.customer(), key());
            let items = if n % 2 == 0 {
                [("mug", 1), ("pen", 1)]
            } else {
                [("pen", 1), ("mug", 1)]
            };
            persistent(|| shop.order(&buyer, &key, &items)).await
        }
    });
    let answers = at_once(buying).await;
    assert_eq!(with_status(&answers, 201).len(), 12, "{answers:#?}");
    assert_eq!(with_status(&answers, 409).len(), 4);
    assert_eq!(shop.available("mug").await + shop.available("pen").await, 0);
    close(shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stock_that_arrives_while_it_is_bought_is_all_counted() {
    let shop = busy_shop().await;
    shop.product_in_buckets("mug", 100, 4, 4).await;
    let buying = (0..20).map(|n| {
        let shop = shop.clone();
        async move {
            if n % 5 == 0 {
                let (staff, key) = (shop.staff(), key());
                let body = json!({"delta": 2, "reason": "received"});
                let path = "/products/mug/stock-adjustments";
                return persistent(|| shop.post(path).bearer(&staff.token).key(&key).json(&body))
                    .await;
            }
            let (buyer, key) = (shop.customer(), key());
            persistent(|| shop.order(&buyer, &key, &[("mug", 1)])).await
        }
    });
    let answers = at_once(buying).await;
    let sold = with_status(&answers, 201)
        .iter()
        .filter(|body| body["id"].is_string())
        .count() as i64;
    assert_eq!(with_status(&answers, 201).len() as i64, sold + 4);
    let stock = shop.stock("mug").await;
    assert_eq!(
        (stock["received"].as_i64(), stock["taken"].as_i64()),
        (Some(12), Some(sold))
    );
    assert!((4..=12).contains(&sold), "{sold}");
    if sold < 12 {
        shop.ordered(&shop.customer(), &[("mug", 12 - sold)]).await;
    }
    assert_eq!(shop.available("mug").await, 0);
    close(shop).await;
}
