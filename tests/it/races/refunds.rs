//! Refunds beside what else may happen to a paid order at the same time.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{at_once, busy_shop, close, persistent};
use crate::support::{Answer, Call, Ledger, TestShop};

const ROUNDS: usize = 6;

const GIVEN_BACK: Ledger = Ledger {
    charged: 1,
    declined: 0,
    given_back: 1,
};

/// Such a call about an order.
type Ask = fn(&TestShop, &str) -> Call;

fn refund(shop: &TestShop, order: &str) -> Call {
    shop.refund(&shop.staff(), order, &json!({"restock": true}))
}

fn refund_without_stock(shop: &TestShop, order: &str) -> Call {
    shop.refund(&shop.staff(), order, &json!({"restock": false}))
}

fn cancel(shop: &TestShop, order: &str) -> Call {
    shop.cancel(&shop.staff(), order)
}

fn ship(shop: &TestShop, order: &str) -> Call {
    shop.ship(&shop.staff(), order, &json!({"carrier": "Ox Express"}))
}

fn deliver(shop: &TestShop, order: &str) -> Call {
    shop.deliver(&shop.staff(), order)
}

async fn shop_ready_for_refunds() -> Arc<TestShop> {
    let shop = busy_shop().await;
    shop.product("mug", 100, 50).await;
    for function in ["refund-order", "ship-order", "deliver-order"] {
        shop.lambda.warm(function, 4).await.unwrap();
    }
    shop
}

/// All of it asked for at once, answered in this order.
async fn meet(shop: &Arc<TestShop>, order: &str, asked: &[Ask]) -> Vec<Answer> {
    let asking = asked.iter().map(|ask| {
        let (shop, order, ask) = (shop.clone(), order.to_owned(), *ask);
        async move { persistent(|| ask(&shop, &order)).await }
    });
    at_once(asking).await
}

/// The statuses that an order had.
async fn history(shop: &TestShop, order: &str) -> Vec<String> {
    let seen = shop.order_seen(&shop.staff(), order).await.expect(200);
    let history = seen["history"].as_array().unwrap().iter();
    let status = |entry: &Value| entry["status"].as_str().unwrap().to_owned();
    history.map(status).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_refunding_and_cancelling_at_once_one_wins_and_the_money_goes_back_once() {
    let shop = shop_ready_for_refunds().await;
    let ann = shop.customer();
    let mut available = 50;
    for round in 0..ROUNDS {
        let order = shop.paid(&ann, &[("mug", 1)]).await;
        let asked: [Ask; 2] = if round % 2 == 0 {
            [refund_without_stock, cancel]
        } else {
            [cancel, refund_without_stock]
        };
        let answers = meet(&shop, &order, &asked).await;
        let (won, lost): (Vec<&Answer>, Vec<&Answer>) =
            answers.iter().partition(|answer| answer.status == 200);
        assert_eq!((won.len(), lost.len()), (1, 1), "{answers:#?}");
        let status = won[0].json()["status"].clone();
        let problem = lost[0].problem(409, "invalid-transition");
        assert_eq!(problem["order_status"], status);
        let last = status.as_str().unwrap();
        assert_eq!(history(&shop, &order).await, ["placed", "paid", last]);
        available -= i64::from(status == "refunded");
        assert_eq!(shop.available("mug").await, available, "{status}");
        assert_eq!(shop.settle().await["given_back"], 1);
        assert_eq!(shop.ledger(&order).await, GIVEN_BACK);
    }
    close(shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_beside_a_shipment_or_a_delivery_comes_before_or_after_it_and_wins() {
    let shop = shop_ready_for_refunds().await;
    let ann = shop.customer();
    for round in 0..ROUNDS {
        let paid = shop.paid(&ann, &[("mug", 1)]).await;
        let shipped = shop.shipped(&ann, &[("mug", 1)]).await;
        for (order, asked, way) in [
            (&paid, ship as Ask, vec!["placed", "paid", "shipped"]),
            (
                &shipped,
                deliver,
                vec!["placed", "paid", "shipped", "delivered"],
            ),
        ] {
            let both: [Ask; 2] = [asked, refund];
            let answers = meet(&shop, order, &both).await;
            assert_eq!(answers[1].expect(200)["status"], "refunded", "{round}");
            let mut expected = way;
            if answers[0].status != 200 {
                let problem = answers[0].problem(409, "invalid-transition");
                assert_eq!(problem["order_status"], "refunded");
                expected.pop();
            }
            expected.push("refunded");
            assert_eq!(history(&shop, order).await, expected);
        }
        assert_eq!(shop.available("mug").await, 50);
        assert_eq!(shop.settle().await["given_back"], 2);
        for order in [&paid, &shipped] {
            assert_eq!(shop.ledger(order).await, GIVEN_BACK);
        }
    }
    close(shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_different_refunds_at_once_one_is_made_and_repeats_of_it_are_answered() {
    let shop = shop_ready_for_refunds().await;
    let ann = shop.customer();
    let mut available = 50;
    for _ in 0..ROUNDS {
        let order = shop.delivered(&ann, &[("mug", 1)]).await;
        let asked: [Ask; 4] = [refund, refund_without_stock, refund, refund_without_stock];
        let answers = meet(&shop, &order, &asked).await;
        let made = answers.iter().position(|it| it.status == 200).unwrap();
        for (at, answer) in answers.iter().enumerate() {
            if at % 2 == made % 2 {
                assert_eq!(answer.expect(200), answers[made].json());
            } else {
                let problem = answer.problem(409, "invalid-transition");
                assert_eq!(problem["order_status"], "refunded");
            }
        }
        available -= i64::from(made % 2 == 1);
        assert_eq!(shop.available("mug").await, available);
        assert_eq!(shop.settle().await["given_back"], 1);
        assert_eq!(shop.ledger(&order).await, GIVEN_BACK);
    }
    assert!(shop.lambda.overlapping("refund-order") > 1, "they did meet");
    close(shop).await;
}
