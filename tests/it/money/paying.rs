//! Payments whose outcome is known at once.

use serde_json::json;

use crate::support::{Ledger, TestShop, key, usd};

const CHARGED_ONCE: Ledger = Ledger {
    charged: 1,
    declined: 0,
    given_back: 0,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_is_charged_once_and_a_repeat_is_answered_byte_for_byte() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let (ann, staff) = (shop.customer(), shop.staff());
    let order = shop.ordered(&ann, &[("mug", 2)]).await;
    let before = shop.order_seen(&ann, &order).await.expect(200);
    let once = key();
    let paid = shop.pay(&ann, &order, &once, "tok_ok").send().await;
    let body = paid.expect(200);
    let mut expected = before.clone();
    expected["status"] = json!("paid");
    expected["version"] = body["version"].clone();
    expected["history"] = json!([before["history"][0], {"status": "paid", "at": body["history"][1]["at"], "by": "customer"}]);
    expected["payment"] = json!({"id": body["payment"]["id"], "amount": usd(2400)});
    assert_eq!(body, expected);
    assert!(body["payment"]["id"].as_str().unwrap().starts_with("ch_"));
    assert!(!paid.is_replayed());
    assert_eq!(shop.available("mug").await, 7, "paying touches no stock");

    let ship = json!({"carrier": "Ox"});
    shop.ship(&staff, &order, &ship).send().await.expect(200);
    let again = shop.pay(&ann, &order, &once, "tok_ok").send().await;
    assert_eq!(
        (again.status, &again.text, again.is_replayed()),
        (200, &paid.text, true)
    );
    let other = shop.pay(&ann, &order, &once, "tok_timeout").send().await;
    other.problem(422, "idempotency-key-reused");
    assert_eq!(shop.ledger(&order).await, CHARGED_ONCE);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paid_order_paid_again_answers_the_same_payment_only() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let ann = shop.customer();
    let order = shop.ordered(&ann, &[("mug", 1)]).await;
    let paid = shop
        .pay(&ann, &order, &key(), "tok_ok")
        .send()
        .await
        .expect(200);
    let same = shop.pay(&ann, &order, &key(), "tok_ok").send().await;
    assert_eq!(
        same.expect(200),
        paid,
        "the same body under another key is a transition already made"
    );
    let refused = shop.pay(&ann, &order, &key(), "tok_timeout").send().await;
    assert_eq!(
        refused.problem(409, "invalid-transition")["order_status"],
        "paid"
    );
    assert_eq!(shop.ledger(&order).await, CHARGED_ONCE);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_declined_payment_is_remembered_and_a_new_key_may_succeed() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let ann = shop.customer();
    let order = shop.ordered(&ann, &[("mug", 1)]).await;
    let once = key();
    for _ in 0..3 {
        let declined = shop.pay(&ann, &order, &once, "tok_declined").send().await;
        declined.problem(402, "payment-declined");
    }
    let declined = Ledger {
        declined: 1,
        ..Ledger::default()
    };
    assert_eq!(
        shop.ledger(&order).await,
        declined,
        "a repeat does not ask the provider"
    );
    let other = shop.pay(&ann, &order, &once, "tok_ok").send().await;
    other.problem(422, "idempotency-key-reused");
    let seen = shop.order_seen(&ann, &order).await.expect(200);
    assert_eq!(
        (&seen["status"], &seen["history"].as_array().unwrap().len()),
        (&json!("placed"), &1)
    );
    let unknown = shop.pay(&ann, &order, &key(), "tok_of_nobody").send().await;
    unknown.problem(402, "payment-declined");
    shop.pay(&ann, &order, &key(), "tok_ok")
        .send()
        .await
        .expect(200);
    let again = shop.pay(&ann, &order, &once, "tok_declined").send().await;
    again.problem(402, "payment-declined");
    assert_eq!(
        shop.ledger(&order).await,
        Ledger {
            charged: 1,
            declined: 2,
            given_back: 0
        }
    );
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_ten_declined_charges_no_other_is_tried() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let ann = shop.customer();
    let order = shop.ordered(&ann, &[("mug", 1)]).await;
    let first = key();
    shop.pay(&ann, &order, &first, "tok_declined")
        .send()
        .await
        .problem(402, "payment-declined");
    // What never reached the provider does not count.
    shop.pay(&ann, &order, &key(), "tok_unreachable")
        .send()
        .await
        .problem(503, "busy");
    for _ in 1..10 {
        let declined = shop.pay(&ann, &order, &key(), "tok_declined").send().await;
        declined.problem(402, "payment-declined");
    }
    let refused = shop.pay(&ann, &order, &key(), "tok_ok").send().await;
    assert_eq!(
        refused.problem(409, "invalid-transition")["order_status"],
        "placed"
    );
    let again = shop.pay(&ann, &order, &first, "tok_declined").send().await;
    again.problem(402, "payment-declined");
    assert_eq!(
        shop.ledger(&order).await,
        Ledger {
            declined: 10,
            ..Ledger::default()
        }
    );
    shop.cancel(&ann, &order).send().await.expect(200);
    assert_eq!(shop.available("mug").await, 9);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_of_the_provider_charges_once() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let ann = shop.customer();
    let order = shop.ordered(&ann, &[("mug", 1)]).await;
    let once = key();
    let mut paid = shop.pay(&ann, &order, &once, "tok_timeout").send().await;
    if paid.status == 503 {
        paid.problem(503, "outcome-unknown");
        paid = shop.pay(&ann, &order, &once, "tok_timeout").send().await;
    }
    assert_eq!(paid.expect(200)["status"], "paid");
    let again = shop.pay(&ann, &order, &once, "tok_timeout").send().await;
    assert_eq!(
        (again.status, &again.text, again.is_replayed()),
        (200, &paid.text, true)
    );
    assert_eq!(shop.ledger(&order).await, CHARGED_ONCE);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreachable_provider_charges_nothing_and_any_key_may_try_again() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let ann = shop.customer();
    let orders = [
        shop.ordered(&ann, &[("mug", 1)]).await,
        shop.ordered(&ann, &[("mug", 1)]).await,
    ];
    let once = key();
    for order in &orders {
        for _ in 0..2 {
            let busy = shop.pay(&ann, order, &once, "tok_unreachable").send().await;
            busy.problem(503, "busy");
            assert_eq!(busy.header("retry-after"), "1");
        }
        assert_eq!(shop.ledger(order).await, Ledger::default());
    }
    shop.pay(&ann, &orders[0], &key(), "tok_ok")
        .send()
        .await
        .expect(200);
    shop.pay(&ann, &orders[1], &once, "tok_ok")
        .send()
        .await
        .expect(200);
    for order in &orders {
        assert_eq!(shop.ledger(order).await, CHARGED_ONCE);
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_owner_pays_in_time_and_with_a_token() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let (ann, bob, staff) = (shop.customer(), shop.customer(), shop.staff());
    let order = shop.ordered(&ann, &[("mug", 1)]).await;
    shop.pay(&staff, &order, &key(), "tok_ok")
        .send()
        .await
        .problem(403, "forbidden");
    shop.pay(&bob, &order, &key(), "tok_ok")
        .send()
        .await
        .problem(404, "order-not-found");
    for token in ["", " ", "a\u{7}b", &"t".repeat(256)] {
        let refused = shop.pay(&ann, &order, &key(), token).send().await;
        refused.problem(400, "invalid-body");
    }
    let path = format!("/orders/{order}/payment");
    let keyless = shop
        .post(&path)
        .bearer(&ann.token)
        .json(&json!({"payment_token": "tok_ok"}));
    keyless.send().await.problem(400, "idempotency-key-missing");
    shop.let_expire(&order).await;
    for _ in 0..2 {
        let late = shop.pay(&ann, &order, &key(), "tok_ok").send().await;
        late.problem(410, "order-expired");
        shop.settle().await;
    }
    assert_eq!(
        shop.order_seen(&ann, &order).await.expect(200)["status"],
        "expired"
    );
    let cancelled = shop.ordered(&ann, &[("mug", 1)]).await;
    shop.cancel(&ann, &cancelled).send().await.expect(200);
    let refused = shop.pay(&ann, &cancelled, &key(), "tok_ok").send().await;
    assert_eq!(
        refused.problem(409, "invalid-transition")["order_status"],
        "cancelled"
    );
    for order in [&order, &cancelled] {
        assert_eq!(shop.ledger(order).await, Ledger::default());
    }
    assert_eq!(shop.available("mug").await, 9);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_names_a_payment_of_one_order() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let ann = shop.customer();
    let once = key();
    for _ in 0..2 {
        let order = shop
            .order(&ann, &key(), &[("mug", 1)])
            .send()
            .await
            .expect(201);
        let order = order["id"].as_str().unwrap();
        let paid = shop.pay(&ann, order, &once, "tok_ok").send().await;
        assert_eq!(paid.expect(200)["id"], order);
        assert!(!paid.is_replayed());
        assert_eq!(shop.ledger(order).await, CHARGED_ONCE);
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_key_for_a_paid_order_has_an_answer_of_its_own_for_good() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let ann = shop.customer();
    let order = shop.ordered(&ann, &[("mug", 1)]).await;
    let (first, second) = (key(), key());
    let pay = |key: &str, token: &str| shop.pay(&ann, &order, key, token).send();
    pay(&first, "tok_ok").await.expect(200);
    let paid = pay(&second, "tok_ok").await;
    paid.expect(200);
    let path = format!("/orders/{order}/shipment");
    let ship = shop
        .post(&path)
        .bearer(&shop.staff().token)
        .json(&json!({"carrier": "Ox"}));
    ship.send().await.expect(200);
    let again = pay(&second, "tok_ok").await;
    assert_eq!(
        (again.status, again.is_replayed(), &again.text),
        (200, true, &paid.text)
    );
    pay(&second, "tok_declined")
        .await
        .problem(422, "idempotency-key-reused");
    assert_eq!(shop.ledger(&order).await, CHARGED_ONCE);
    shop.close().await;
}
