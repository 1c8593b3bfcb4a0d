//! Processes that are killed in the middle of their work.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use super::{at_once, busy_shop, close, killer, stubborn};
use crate::support::key;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killing_processes_that_place_orders_loses_none_and_doubles_none() {
    let shop = busy_shop().await;
    shop.product_in_buckets("mug", 100, 64, 4).await;
    let over = Arc::new(AtomicBool::new(false));
    let killer = killer(&shop, &over, "place-order");
    let buying = (0..24).map(|_| {
        let shop = shop.clone();
        async move {
            let (buyer, key) = (shop.customer(), key());
            let placed = stubborn(|| shop.order(&buyer, &key, &[("mug", 2)])).await;
            assert_eq!(shop.orders_seen(&buyer).await, 1);
            placed
        }
    });
    let answers = at_once(buying).await;
    over.store(true, Ordering::Relaxed);
    assert!(killer.await.unwrap() > 0, "something was killed");
    for answer in &answers {
        answer.expect(201);
    }
    let stock = shop.stock("mug").await;
    assert_eq!(
        (stock["available"].as_i64(), stock["taken"].as_i64()),
        (Some(16), Some(48))
    );
    assert_eq!(shop.orders_seen(&shop.staff()).await, 24);
    close(shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killing_processes_that_charge_leaves_every_order_paid_once() {
    let shop = busy_shop().await;
    shop.product("mug", 100, 20).await;
    let ann = shop.customer();
    let mut orders = Vec::new();
    for _ in 0..12 {
        orders.push(shop.ordered(&ann, &[("mug", 1)]).await);
    }
    let killer = {
        let shop = shop.clone();
        tokio::spawn(async move {
            for _ in 0..4 {
                shop.lambda.until_under_way("pay-order", 1).await.unwrap();
                shop.lambda.kill_one("pay-order").await;
            }
        })
    };
    let paying = orders.clone().into_iter().map(|order| {
        let (shop, ann, key) = (shop.clone(), ann.clone(), key());
        async move { stubborn(|| shop.pay(&ann, &order, &key, "tok_ok")).await }
    });
    for answer in at_once(paying).await {
        assert_eq!(answer.expect(200)["status"], "paid");
    }
    killer.abort();
    let _ = killer.await;
    assert!(
        shop.lambda.started("pay-order") > 8,
        "something was killed, and others came in its place"
    );
    for order in &orders {
        let ledger = shop.ledger(order).await;
        assert_eq!((ledger.charged, ledger.given_back), (1, 0), "{order}");
    }
    close(shop).await;
}
