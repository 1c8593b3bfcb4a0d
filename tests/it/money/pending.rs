//! Payments that were made while their outcome got lost.

use serde_json::json;

use crate::support::{Caller, Ledger, TestShop, cancelled, key};

const CHARGED_ONCE: Ledger = Ledger {
    charged: 1,
    declined: 0,
    given_back: 0,
};

/// A charge that the provider makes and nobody hears of.
async fn lost_charge(shop: &TestShop, who: &Caller, order: &str, key: &str) {
    shop.wire.lose_answers_of("provider");
    let lost = shop.pay(who, order, key, "tok_ok").send().await;
    lost.problem(503, "outcome-unknown");
    assert_eq!(lost.header("retry-after"), "1");
    shop.wire.mend();
    assert_eq!(shop.ledger(order).await, CHARGED_ONCE);
    assert_eq!(
        shop.order_seen(who, order).await.expect(200)["status"],
        "placed"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_key_finds_out_and_any_other_has_to_wait() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let ann = shop.customer();
    let order = shop.ordered(&ann, &[("mug", 1)]).await;
    let once = key();
    lost_charge(&shop, &ann, &order, &once).await;
    let other = shop.pay(&ann, &order, &key(), "tok_ok").send().await;
    other.problem(409, "payment-pending");
    let reused = shop.pay(&ann, &order, &once, "tok_declined").send().await;
    reused.problem(422, "idempotency-key-reused");
    let paid = shop.pay(&ann, &order, &once, "tok_ok").send().await;
    assert_eq!(paid.expect(200)["status"], "paid");
    let again = shop.pay(&ann, &order, &once, "tok_ok").send().await;
    assert_eq!(
        (again.status, &again.text, again.is_replayed()),
        (200, &paid.text, true)
    );
    assert_eq!(shop.ledger(&order).await, CHARGED_ONCE);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_schedule_finishes_a_charge_whose_client_never_came_back() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let ann = shop.customer();
    let order = shop.ordered(&ann, &[("mug", 1)]).await;
    let once = key();
    lost_charge(&shop, &ann, &order, &once).await;
    assert_eq!(
        shop.settle().await["charges"],
        0,
        "whoever makes a charge is given a while"
    );
    shop.abandon_charge(&order).await;
    let settled = shop.settle().await;
    assert_eq!(
        (&settled["charges"], &settled["left"]),
        (&1.into(), &0.into())
    );
    let seen = shop.order_seen(&ann, &order).await.expect(200);
    assert_eq!(seen["status"], "paid");
    // The client that does come back is answered, and by the remembered answer.
    let paid = shop.pay(&ann, &order, &once, "tok_ok").send().await;
    assert_eq!((paid.expect(200), paid.is_replayed()), (seen, true));
    assert_eq!(shop.settle().await["due"], 0);
    assert_eq!(shop.ledger(&order).await, CHARGED_ONCE);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_charge_that_lost_against_expiry_or_cancellation_is_given_back_once() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let ann = shop.customer();
    let (late, off) = (
        shop.ordered(&ann, &[("mug", 1)]).await,
        shop.ordered(&ann, &[("mug", 1)]).await,
    );
    let keys = [key(), key()];
    lost_charge(&shop, &ann, &late, &keys[0]).await;
    lost_charge(&shop, &ann, &off, &keys[1]).await;
    shop.let_expire(&late).await;
    shop.cancel(&ann, &off).send().await.expect(200);
    shop.abandon_charge(&off).await;
    for _ in 0..3 {
        shop.settle().await;
    }
    for (order, status) in [(&late, "expired"), (&off, "cancelled")] {
        assert_eq!(
            shop.order_seen(&ann, order).await.expect(200)["status"],
            status
        );
        assert_eq!(
            shop.ledger(order).await,
            Ledger {
                given_back: 1,
                ..CHARGED_ONCE
            }
        );
    }
    shop.pay(&ann, &late, &keys[0], "tok_ok")
        .send()
        .await
        .problem(410, "order-expired");
    shop.pay(&ann, &off, &keys[1], "tok_ok")
        .send()
        .await
        .problem(409, "invalid-transition");
    assert_eq!(shop.available("mug").await, 9);
    assert_eq!(shop.settle().await["due"], 0);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_charge_that_was_announced_and_never_made_is_closed_and_never_will_be() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let ann = shop.customer();
    let order = shop.ordered(&ann, &[("mug", 1)]).await;
    let once = key();
    lost_charge(&shop, &ann, &order, &once).await;
    shop.forget_charges(&order).await;
    shop.abandon_charge(&order).await;
    let settled = shop.settle().await;
    assert_eq!(
        (&settled["charges"], &settled["left"]),
        (&1.into(), &0.into())
    );
    assert_eq!(
        shop.order_seen(&ann, &order).await.expect(200)["status"],
        "placed"
    );
    assert_eq!(shop.ledger(&order).await, Ledger::default());
    let paid = shop.pay(&ann, &order, &key(), "tok_ok").send().await;
    assert_eq!(paid.expect(200)["status"], "paid");
    assert_eq!(shop.ledger(&order).await, CHARGED_ONCE);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_repeated_after_its_order_left_charges_nothing_any_more() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let ann = shop.customer();
    let (off, late) = (
        shop.ordered(&ann, &[("mug", 1)]).await,
        shop.ordered(&ann, &[("mug", 1)]).await,
    );
    let keys = [key(), key()];
    // Announced on the order, and the provider never heard of it.
    for (order, key) in [&off, &late].into_iter().zip(&keys) {
        lost_charge(&shop, &ann, order, key).await;
        shop.forget_charges(order).await;
    }
    shop.cancel(&ann, &off).send().await.expect(200);
    shop.let_expire(&late).await;
    for _ in 0..2 {
        let refused = shop.pay(&ann, &off, &keys[0], "tok_ok").send().await;
        assert_eq!(
            refused.problem(409, "invalid-transition")["order_status"],
            "cancelled"
        );
        shop.pay(&ann, &late, &keys[1], "tok_ok")
            .send()
            .await
            .problem(410, "order-expired");
    }
    for _ in 0..2 {
        shop.settle().await;
    }
    for order in [&off, &late] {
        assert_eq!(shop.ledger(order).await, Ledger::default());
    }
    assert_eq!(shop.available("mug").await, 9);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_charge_that_could_not_be_written_down_is_not_told_as_busy() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let ann = shop.customer();
    let order = shop.ordered(&ann, &[("mug", 1)]).await;
    let once = key();
    // Nothing is charged before its intent is written.
    let throttled = json!({"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException", "message": "slow down"});
    shop.wire.refuse("UpdateItem", 100, &throttled);
    shop.pay(&ann, &order, &once, "tok_ok")
        .send()
        .await
        .problem(503, "busy");
    assert!(shop.wire.forgive() < 100);
    assert_eq!(shop.ledger(&order).await, Ledger::default());
    shop.wire.refuse(
        "TransactWriteItems",
        100,
        &cancelled(&["TransactionConflict", "None"]),
    );
    let unknown = shop.pay(&ann, &order, &once, "tok_ok").send().await;
    unknown.problem(503, "outcome-unknown");
    shop.wire.forgive();
    assert_eq!(shop.ledger(&order).await, CHARGED_ONCE);
    shop.pay(&ann, &order, &key(), "tok_ok")
        .send()
        .await
        .problem(409, "payment-pending");
    let paid = shop.pay(&ann, &order, &once, "tok_ok").send().await;
    assert_eq!(paid.expect(200)["status"], "paid");
    assert_eq!(shop.ledger(&order).await, CHARGED_ONCE);
    shop.close().await;
}
