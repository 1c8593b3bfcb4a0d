//! `refund-order`: what is paid back, and what becomes of its pieces.

use serde_json::{Value, json};

use crate::support::{Caller, Ledger, TestShop};

const GIVEN_BACK: Ledger = Ledger {
    charged: 1,
    declined: 0,
    given_back: 1,
};

/// How a paid order stands when it is refunded.
const REFUNDABLE: [&str; 3] = ["paid", "shipped", "delivered"];

/// A new order of these products in one of those statuses.
async fn standing(shop: &TestShop, caller: &Caller, status: &str, items: &[(&str, i64)]) -> String {
    match status {
        "paid" => shop.paid(caller, items).await,
        "shipped" => shop.shipped(caller, items).await,
        _ => shop.delivered(caller, items).await,
    }
}

/// The movements of a product that a refund caused, the bucket and time left out.
async fn returned(shop: &TestShop, product: &str) -> Vec<Value> {
    shop.drain_stream().await;
    let path = format!("/products/{product}/stock-movements?limit=100");
    let list = shop.get(&path).bearer(&shop.staff().token);
    let list = list.send().await.expect(200);
    let refunds = list["items"].as_array().unwrap().iter();
    let refunds = refunds.filter(|movement| movement["cause"]["kind"] == "refund");
    refunds
        .map(|movement| json!({"change": movement["change"], "cause": movement["cause"]}))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_paid_is_refunded_wherever_it_is_and_restocked_if_fit_for_sale() {
    let shop = TestShop::open().await;
    let (ann, staff) = (shop.customer(), shop.staff());
    for (status, restock) in REFUNDABLE.iter().flat_map(|it| [(*it, true), (*it, false)]) {
        let what = format!("{status}, restock {restock}");
        let product = format!("mug-{status}-{restock}");
        // Three of each of two buckets, so that the pieces of one order come from both.
        shop.product_in_buckets(&product, 1200, 6, 2).await;
        let full = shop.stock(&product).await;
        let order = standing(&shop, &ann, status, &[(&product, 5)]).await;
        let taken = shop.stock(&product).await;
        let before = shop.order_seen(&ann, &order).await.expect(200);
        assert_eq!(before["status"], status);

        let body = json!({"restock": restock, "reason": "the wrong blue"});
        let refunded = shop.refund(&staff, &order, &body).send().await.expect(200);
        let mut expected = before.clone();
        expected["status"] = json!("refunded");
        expected["version"] = json!(before["version"].as_u64().unwrap() + 1);
        let history = expected["history"].as_array_mut().unwrap();
        let at = &refunded["history"][history.len()]["at"];
        assert!(at.is_string(), "{what}: {refunded}");
        history.push(json!({"status": "refunded", "at": at, "by": "staff"}));
        assert_eq!(refunded, expected, "{what}");
        assert_eq!(shop.order_seen(&ann, &order).await.expect(200), expected);

        let stock = shop.stock(&product).await;
        let moved = returned(&shop, &product).await;
        if restock {
            assert_eq!(stock, full, "{what}");
            let cause = json!({"kind": "refund", "id": order, "actor": staff.id});
            assert!(moved.iter().all(|it| it["cause"] == cause), "{moved:#?}");
            let change = |movement: &Value| movement["change"].as_i64().unwrap();
            assert_eq!((moved.len(), moved.iter().map(change).sum()), (2, 5));
        } else {
            assert_eq!(stock, taken, "{what}");
            assert!(moved.is_empty(), "{what}: {moved:#?}");
        }

        // It is owed from now on, and given back once.
        let owed = Ledger {
            given_back: 0,
            ..GIVEN_BACK
        };
        assert_eq!(shop.ledger(&order).await, owed, "{what}");
        assert_eq!(shop.settle().await["given_back"], 1, "{what}");
        assert_eq!(shop.ledger(&order).await, GIVEN_BACK, "{what}");
        assert_eq!(shop.settle().await["due"], 0, "{what}");
        assert_eq!(shop.ledger(&order).await, GIVEN_BACK, "{what}");
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_refund_again_changes_nothing_and_another_one_is_refused() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let (ann, staff) = (shop.customer(), shop.staff());
    for restock in [true, false] {
        let order = shop.shipped(&ann, &[("mug", 2)]).await;
        let body = json!({"restock": restock, "reason": "chipped"});
        shop.refund(&staff, &order, &body).send().await.expect(200);
        for settled in [false, true] {
            if settled {
                assert_eq!(shop.settle().await["given_back"], 1);
            }
            let seen = shop.order_seen(&ann, &order).await.expect(200);
            let once = shop.snapshot().await;
            // Another of the staff may repeat it.
            for caller in [&staff, &shop.staff()] {
                let again = shop.refund(caller, &order, &body).send().await;
                assert_eq!(again.expect(200), seen);
            }
            for other in [
                json!({"restock": !restock, "reason": "chipped"}),
                json!({"restock": restock, "reason": "Chipped"}),
                json!({"restock": restock}),
            ] {
                let refused = shop.refund(&staff, &order, &other).send().await;
                let problem = refused.problem(409, "invalid-transition");
                assert_eq!(problem["order_status"], "refunded", "{other}");
            }
            shop.assert_unchanged(&once).await;
        }
        assert_eq!(shop.ledger(&order).await, GIVEN_BACK);
    }
    assert_eq!(shop.available("mug").await, 7);
    // A reason that is null is none.
    let order = shop.paid(&ann, &[("mug", 1)]).await;
    let null = json!({"restock": true, "reason": null});
    let refunded = shop.refund(&staff, &order, &null).send().await.expect(200);
    let bare = shop.refund(&staff, &order, &json!({"restock": true}));
    assert_eq!(bare.send().await.expect(200), refunded);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_never_paid_or_is_called_off_is_not_refunded() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let (ann, staff) = (shop.customer(), shop.staff());
    let expired = shop.ordered(&ann, &[("mug", 1)]).await;
    shop.let_expire(&expired).await;
    shop.settle().await;
    let placed = shop.ordered(&ann, &[("mug", 1)]).await;
    let overdue = shop.ordered(&ann, &[("mug", 1)]).await;
    shop.let_expire(&overdue).await;
    let cancelled = shop.ordered(&ann, &[("mug", 1)]).await;
    let paid_and_cancelled = shop.paid(&ann, &[("mug", 1)]).await;
    for order in [&cancelled, &paid_and_cancelled] {
        shop.cancel(&ann, order).send().await.expect(200);
    }
    let before = shop.snapshot().await;
    for (order, status) in [
        (&placed, "placed"),
        (&overdue, "expired"),
        (&expired, "expired"),
        (&cancelled, "cancelled"),
        (&paid_and_cancelled, "cancelled"),
    ] {
        for restock in [true, false] {
            let refund = shop.refund(&staff, order, &json!({"restock": restock}));
            let problem = refund.send().await.problem(409, "invalid-transition");
            assert_eq!(problem["order_status"], status);
        }
    }
    shop.assert_unchanged(&before).await;
    shop.settle().await;
    assert_eq!(shop.ledger(&paid_and_cancelled).await, GIVEN_BACK);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_staff_refund_and_only_with_a_body_that_says_how() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let (ann, staff) = (shop.customer(), shop.staff());
    let order = shop.paid(&ann, &[("mug", 1)]).await;
    let body = json!({"restock": true});
    let before = shop.snapshot().await;
    for caller in [&ann, &shop.customer(), &shop.guest()] {
        let refused = shop.refund(caller, &order, &body).send().await;
        refused.problem(403, "forbidden");
    }
    let nobody = shop.post(&format!("/orders/{order}/refund")).json(&body);
    nobody.send().await.problem(401, "unauthenticated");
    for unknown in ["ord_aaaaaaaaaaaaaaaaaaaaaaaaaa", "ord_x", "%00"] {
        let refused = shop.refund(&staff, unknown, &body).send().await;
        refused.problem(404, "order-not-found");
    }
    for body in [
        json!({}),
        json!({"reason": "chipped"}),
        json!({"restock": "yes"}),
        json!({"restock": null}),
        json!({"restock": true, "reason": ""}),
        json!({"restock": true, "reason": "x".repeat(501)}),
        json!({"restock": true, "reason": "a\u{0}b"}),
        json!({"restock": true, "reason": 7}),
        json!({"restock": true, "amount": 1}),
    ] {
        let refused = shop.refund(&staff, &order, &body).send().await;
        refused.problem(400, "invalid-body");
    }
    shop.assert_unchanged(&before).await;
    // The limit counts characters, and the reason is the shop's own business.
    let longest = "ß".repeat(500);
    let body = json!({"restock": true, "reason": longest});
    let refunded = shop.refund(&staff, &order, &body).send().await;
    assert_eq!(refunded.expect(200)["status"], "refunded");
    for caller in [&ann, &staff] {
        let seen = shop.order_seen(caller, &order).await;
        assert!(!seen.text.contains('ß'), "{}", seen.text);
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refund_whose_answer_was_lost_is_found_made_and_not_made_twice() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let (ann, staff) = (shop.customer(), shop.staff());
    for (restock, left) in [(true, 9), (false, 7)] {
        let order = shop.paid(&ann, &[("mug", 2)]).await;
        let body = json!({"restock": restock});
        let refund = || shop.refund(&staff, &order, &body).send();
        let before = shop.order_seen(&ann, &order).await.expect(200);
        shop.wire
            .lose_answers_to(&["TransactWriteItems", "UpdateItem"], "orders");
        refund().await.problem(503, "outcome-unknown");
        shop.wire.mend();
        let found = refund().await.expect(200);
        assert_eq!(found["status"], "refunded");
        let version = before["version"].as_u64().unwrap() + 1;
        assert_eq!(found["version"], version, "restock {restock}");
        assert_eq!(shop.available("mug").await, left);
        assert_eq!(shop.settle().await["given_back"], 1);
        assert_eq!(shop.ledger(&order).await, GIVEN_BACK);
    }
    shop.close().await;
}
