//! One request many times at once, and requests that exclude each other.

use serde_json::json;

use super::{at_once, busy_shop, close, persistent, with_status};
use crate::support::{Ledger, key};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_sent_twenty_times_at_once_is_one_order_and_one_answer() {
    for buckets in [1, 16] {
        let shop = busy_shop().await;
        shop.product_in_buckets("mug", 100, 64, buckets).await;
        let (ann, once) = (shop.customer(), key());
        let sending = (0..20).map(|_| {
            let (shop, ann, once) = (shop.clone(), ann.clone(), once.clone());
            async move { persistent(|| shop.order(&ann, &once, &[("mug", 2)])).await }
        });
        let answers = at_once(sending).await;
        assert!(shop.lambda.overlapping("place-order") > 1, "they did meet");
        for answer in &answers {
            assert_eq!((answer.status, &answer.text), (201, &answers[0].text));
        }
        // Those that came in one millisecond are one transaction to DynamoDB, and each is told that it was the first;
        // whoever comes later is told otherwise.
        let later = shop.order(&ann, &once, &[("mug", 2)]).send().await;
        assert_eq!((&later.text, later.is_replayed()), (&answers[0].text, true));
        assert_eq!(shop.available("mug").await, 62);
        assert_eq!(shop.orders_seen(&ann).await, 1);
        close(shop).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_payment_sent_ten_times_at_once_is_charged_once() {
    let shop = busy_shop().await;
    shop.product("mug", 100, 5).await;
    let (ann, once) = (shop.customer(), key());
    let order = shop.ordered(&ann, &[("mug", 1)]).await;
    let sending = (0..10).map(|_| {
        let (shop, ann, once, order) = (shop.clone(), ann.clone(), once.clone(), order.clone());
        async move { persistent(|| shop.pay(&ann, &order, &once, "tok_ok")).await }
    });
    let answers = at_once(sending).await;
    for answer in &answers {
        assert_eq!((answer.status, &answer.text), (200, &answers[0].text));
    }
    assert_eq!(
        shop.ledger(&order).await,
        Ledger {
            charged: 1,
            ..Ledger::default()
        }
    );
    close(shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancellation_sent_ten_times_at_once_returns_the_stock_once() {
    let shop = busy_shop().await;
    shop.product("mug", 100, 9).await;
    let ann = shop.customer();
    shop.ordered(&ann, &[("mug", 4)]).await;
    let order = shop.ordered(&ann, &[("mug", 3)]).await;
    let sending = (0..10).map(|n| {
        let (shop, order) = (shop.clone(), order.clone());
        let who = if n % 2 == 0 {
            ann.clone()
        } else {
            shop.staff()
        };
        async move { persistent(|| shop.cancel(&who, &order)).await }
    });
    let answers = at_once(sending).await;
    for answer in &answers {
        assert_eq!((answer.status, &answer.text), (200, &answers[0].text));
    }
    let stock = shop.stock("mug").await;
    assert_eq!(
        (&stock["available"], &stock["taken"]),
        (&json!(5), &json!(4))
    );
    close(shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn paying_against_cancelling_ends_with_both_books_agreeing() {
    let shop = busy_shop().await;
    shop.product("mug", 100, 20).await;
    let ann = shop.customer();
    let mut orders = Vec::new();
    for _ in 0..8 {
        orders.push(shop.ordered(&ann, &[("mug", 1)]).await);
    }
    let doing = orders.iter().cloned().flat_map(|order| {
        [true, false].map(|pays| {
            let (shop, ann, order, key) = (shop.clone(), ann.clone(), order.clone(), key());
            async move {
                if pays {
                    persistent(|| shop.pay(&ann, &order, &key, "tok_ok")).await
                } else {
                    persistent(|| shop.cancel(&ann, &order)).await
                }
            }
        })
    });
    let answers = at_once(doing.collect::<Vec<_>>()).await;
    // A paid order may be cancelled, so cancelling always succeeds in the end.
    for (paid, cancelled) in answers
        .iter()
        .step_by(2)
        .zip(answers.iter().skip(1).step_by(2))
    {
        cancelled.expect(200);
        assert!(matches!(paid.status, 200 | 409), "{}", paid.text);
    }
    assert_eq!(
        with_status(&answers, 200).len() + with_status(&answers, 409).len(),
        16
    );
    shop.settle().await;
    for order in &orders {
        assert_eq!(
            shop.order_seen(&ann, order).await.expect(200)["status"],
            "cancelled"
        );
        let ledger = shop.ledger(order).await;
        assert_eq!(ledger.charged, ledger.given_back, "{ledger:?}");
    }
    assert_eq!(shop.available("mug").await, 20);
    close(shop).await;
}
