//! Money that is owed back.

use serde_json::json;

use crate::support::{Ledger, TestShop, key};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paid_order_that_is_cancelled_is_given_back_exactly_once() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let (ann, staff) = (shop.customer(), shop.staff());
    for canceller in [&ann, &staff] {
        let once = key();
        let order = shop.ordered(&ann, &[("mug", 3)]).await;
        let paid = shop.pay(&ann, &order, &once, "tok_ok").send().await;
        let payment = paid.expect(200)["payment"].clone();
        let cancelled = shop.cancel(canceller, &order).send().await.expect(200);
        assert_eq!(
            (&cancelled["status"], &cancelled["payment"]),
            (&json!("cancelled"), &payment)
        );
        assert_eq!(shop.available("mug").await, 9, "its stock returns at once");
        assert_eq!(
            shop.ledger(&order).await,
            Ledger {
                charged: 1,
                declined: 0,
                given_back: 0
            }
        );
        assert_eq!(shop.settle().await["given_back"], 1);
        let settled = Ledger {
            charged: 1,
            declined: 0,
            given_back: 1,
        };
        assert_eq!(shop.ledger(&order).await, settled);
        assert_eq!(
            shop.settle().await,
            json!({"due": 0, "expired": 0, "charges": 0, "given_back": 0, "deletions": 0, "left": 0})
        );
        // The payment's answer stays what it was, and so does the ledger.
        let again = shop.pay(&ann, &order, &once, "tok_ok").send().await;
        assert_eq!(
            (again.status, &again.text, again.is_replayed()),
            (200, &paid.text, true)
        );
        // The same payment under another key was made already, too; it is not made anew.
        let repeated = shop.pay(&ann, &order, &key(), "tok_ok").send().await;
        assert_eq!(repeated.expect(200)["status"], "cancelled");
        let refused = shop.pay(&ann, &order, &key(), "tok_timeout").send().await;
        refused.problem(409, "invalid-transition");
        let repeated = shop.cancel(&ann, &order).send().await.expect(200);
        assert_eq!(repeated["status"], "cancelled");
        shop.settle().await;
        assert_eq!(shop.ledger(&order).await, settled);
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_provider_did_not_confirm_stays_owed_and_is_given_back_once() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let ann = shop.customer();
    let order = shop.paid(&ann, &[("mug", 1)]).await;
    shop.cancel(&ann, &order).send().await.expect(200);
    shop.wire.lose_answers_of("provider");
    let settled = shop.settle().await;
    assert_eq!(
        (&settled["given_back"], &settled["left"]),
        (&json!(0), &json!(1))
    );
    shop.wire.mend();
    let settled = shop.settle().await;
    assert_eq!(
        (&settled["given_back"], &settled["left"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(
        shop.ledger(&order).await,
        Ledger {
            charged: 1,
            declined: 0,
            given_back: 1
        }
    );
    assert_eq!(shop.settle().await["due"], 0);
    shop.close().await;
}
