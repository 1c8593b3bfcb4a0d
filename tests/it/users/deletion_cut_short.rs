//! `delete-user`, when it is cut short or meets what happens at the same time: the schedule finishes it.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    races::at_once,
    support::{Caller, Ledger, TestShop, key},
};

fn one_mug() -> Value {
    json!({
        "items": [{"product_id": "mug", "quantity": 1}],
        "shipping_address": {
            "name": "Annabel", "line1": "17 Heron Lane", "city": "Otterville", "postal_code": "1", "country": "GB",
        },
    })
}

/// An order with an address.
async fn addressed(shop: &TestShop, who: &Caller) -> String {
    let order = shop.place(who, &key(), &one_mug()).send().await.expect(201);
    order["id"].as_str().unwrap().to_owned()
}

/// That an order is called off and bare.
async fn assert_forgotten(shop: &TestShop, order: &str) {
    let seen = shop.order_seen(&shop.staff(), order).await.expect(200);
    assert_eq!(seen["status"], "cancelled");
    let stored = format!("{:?}", shop.order_item(order).await);
    assert!(!stored.contains("Heron"), "{stored}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_that_was_cut_short_is_finished_by_the_schedule() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 9).await;
    let ann = shop.registered("ann@example.com").await;
    let order = addressed(&shop, &ann).await;
    shop.wire.lose_answers_to(&["TransactWriteItems"], "users");
    let lost = shop.delete_account(&ann.token).send().await;
    lost.problem(503, "outcome-unknown");
    shop.wire.mend();
    let seen = shop.order_seen(&shop.staff(), &order).await.expect(200);
    assert_eq!(seen["status"], "placed", "nothing follows yet");
    shop.get("/users/me")
        .bearer(&ann.token)
        .send()
        .await
        .expect(401);

    let settled = shop.settle().await;
    assert_eq!(
        (&settled["due"], &settled["deletions"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(settled["left"], 0);
    assert_forgotten(&shop, &order).await;
    assert_eq!(shop.available("mug").await, 9);
    assert_eq!(shop.settle().await["due"], 0, "until the last look");
    shop.deletion_item(&ann.id).await;
    shop.last_look(&ann.id).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_that_was_cut_short_is_finished_by_sending_it_again() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 9).await;
    let ann = shop.registered("ann@example.com").await;
    let order = addressed(&shop, &ann).await;
    // The account goes, and then nothing about orders is heard of any more.
    shop.wire.lose_answers_to(&["Query", "GetItem"], "orders");
    shop.delete_account(&ann.token)
        .send()
        .await
        .problem(503, "busy");
    shop.get("/users/me")
        .bearer(&ann.token)
        .send()
        .await
        .expect(200);
    shop.wire
        .lose_answers_to(&["UpdateItem", "GetItem"], "orders");
    shop.delete_account(&ann.token)
        .send()
        .await
        .problem(503, "outcome-unknown");
    shop.wire.mend();
    let seen = shop.order_seen(&shop.staff(), &order).await.expect(200);
    assert_eq!(seen["status"], "placed");
    shop.delete_account(&ann.token).send().await.expect(204);
    assert_forgotten(&shop, &order).await;
    assert_eq!(shop.settle().await["due"], 0);
    shop.last_look(&ann.id).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_landed_after_the_deletion_is_found_by_the_last_look() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 9).await;
    let ann = shop.registered("ann@example.com").await;
    shop.delete_account(&ann.token).send().await.expect(204);
    // As if it had been on its way: what it read before its transaction was of the time before.
    let record = shop.deletion_item(&ann.id).await;
    shop.delete("orders", &format!("DELETED#{}", ann.id)).await;
    let late = addressed(&shop, &ann).await;
    let paid = addressed(&shop, &ann).await;
    let pay = shop.pay(&ann, &paid, &key(), "tok_ok").send().await;
    pay.expect(200);
    shop.put_item("orders", record).await;
    assert_eq!(shop.settle().await["due"], 0);
    assert_eq!(shop.available("mug").await, 7);

    shop.last_look(&ann.id).await;
    assert_forgotten(&shop, &late).await;
    assert_forgotten(&shop, &paid).await;
    assert_eq!(shop.available("mug").await, 9);
    assert_eq!(shop.settle().await["given_back"], 1);
    let given_back = Ledger {
        charged: 1,
        declined: 0,
        given_back: 1,
    };
    assert_eq!(shop.ledger(&paid).await, given_back);
    let remembered = format!("{:?}", shop.items("orders").await);
    assert!(!remembered.contains("Heron"), "{remembered}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_charge_whose_outcome_was_unknown_is_given_back() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 9).await;
    let ann = shop.registered("ann@example.com").await;
    let order = addressed(&shop, &ann).await;
    shop.wire.lose_answers_of("provider");
    let once = key();
    let lost = shop.pay(&ann, &order, &once, "tok_timeout").send().await;
    lost.problem(503, "outcome-unknown");
    shop.wire.mend();
    let charged = Ledger {
        charged: 1,
        ..Ledger::default()
    };
    assert_eq!(shop.ledger(&order).await, charged);
    shop.delete_account(&ann.token).send().await.expect(204);
    assert_forgotten(&shop, &order).await;
    // The payment is not gone on with by its key, either.
    let again = shop.pay(&ann, &order, &once, "tok_timeout").send().await;
    again.problem(401, "unauthenticated");
    shop.abandon_charge(&order).await;
    assert_eq!(shop.settle().await["charges"], 1);
    assert_eq!(shop.settle().await["given_back"], 1);
    let given_back = Ledger {
        given_back: 1,
        ..charged
    };
    assert_eq!(shop.ledger(&order).await, given_back);
    assert_eq!(shop.available("mug").await, 9);
    shop.last_look(&ann.id).await;
    assert_eq!(shop.ledger(&order).await, given_back);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_orders_and_payments_made_while_the_account_is_deleted_none_is_left() {
    let shop = TestShop::open().await;
    for function in ["place-order", "pay-order", "delete-user"] {
        shop.lambda.warm(function, 4).await.unwrap();
    }
    shop.product("mug", 100, 20).await;
    let ann = shop.registered("ann@example.com").await;
    let waiting = [
        addressed(&shop, &ann).await,
        addressed(&shop, &ann).await,
        addressed(&shop, &ann).await,
    ];
    let shop = Arc::new(shop);
    let deeds = (0..12).map(|number: usize| {
        let (shop, ann, order) = (shop.clone(), ann.clone(), waiting[number % 3].clone());
        async move {
            let deed = match number % 4 {
                0 => shop.delete_account(&ann.token),
                1 => shop.pay(&ann, &order, &key(), "tok_ok"),
                _ => shop.place(&ann, &key(), &one_mug()),
            };
            deed.send().await
        }
    });
    for answer in at_once(deeds).await {
        // 409 is an order that was paid first, or one that was called off, or one that somebody else pays.
        let expected = [200, 201, 204, 401, 409, 503];
        assert!(expected.contains(&answer.status), "{}", answer.text);
    }
    let staff = shop.staff();
    let list = async |status: &str| {
        let list = shop.get(&format!("/orders?status={status}"));
        let list = list.bearer(&staff.token).send().await.expect(200);
        let ids = list["items"].as_array().unwrap().iter();
        let ids: Vec<String> = ids.map(|o| o["id"].as_str().unwrap().to_owned()).collect();
        ids
    };
    // Those that were paid before the account could go arrive first.
    let deleted = shop.get("/users/me").bearer(&ann.token).send().await.status == 401;
    if !deleted {
        for order in list("paid").await {
            let parcel = json!({"carrier": "Ox", "tracking_number": "OX-PARCEL"});
            shop.ship(&staff, &order, &parcel).send().await.expect(200);
            shop.deliver(&staff, &order).send().await.expect(200);
        }
    }
    shop.delete_account(&ann.token).send().await.expect(204);
    shop.last_look(&ann.id).await;
    for _ in 0..2 {
        shop.settle().await;
    }
    for status in ["placed", "paid", "shipped"] {
        assert_eq!(list(status).await, Vec::<String>::new(), "{status}");
    }
    let stored = format!("{:?}", shop.items("orders").await);
    assert!(
        !stored.contains("Heron") && !stored.contains("OX-PARCEL"),
        "{stored}"
    );
    Arc::into_inner(shop).unwrap().close().await;
}

/// What a round of paying, shipping and deleting at once came to: whether the account is gone, and the order.
async fn pay_ship_and_delete(shop: &Arc<TestShop>, round: usize) -> (bool, String) {
    let ann = shop.registered(&format!("ann-{round}@example.com")).await;
    let order = addressed(shop, &ann).await;
    let deeds = (0..3).map(|deed: usize| {
        let (shop, ann, order) = (shop.clone(), ann.clone(), order.clone());
        async move {
            match deed {
                0 => shop.pay(&ann, &order, &key(), "tok_ok").send().await.status,
                1 => shop.delete_account(&ann.token).send().await.status,
                _ => {
                    let (staff, parcel) = (shop.staff(), json!({"carrier": "Ox"}));
                    let mut status = 0;
                    for _ in 0..8 {
                        status = shop.ship(&staff, &order, &parcel).send().await.status;
                        if status == 200 {
                            break;
                        }
                    }
                    status
                }
            }
        }
    });
    let statuses = at_once(deeds).await;
    assert!(matches!(statuses[1], 204 | 409), "{statuses:?}");
    (statuses[1] == 204, order)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_paid_or_shipped_once_the_account_is_deleted() {
    let shop = TestShop::open().await;
    for function in ["pay-order", "delete-user", "ship-order"] {
        shop.lambda.warm(function, 2).await.unwrap();
    }
    shop.product("mug", 100, 20).await;
    let shop = Arc::new(shop);
    for round in 0..12 {
        let (deleted, order) = pay_ship_and_delete(&shop, round).await;
        let seen = shop.order_seen(&shop.staff(), &order).await.expect(200);
        let status = seen["status"].as_str().unwrap();
        if deleted {
            assert_eq!(status, "cancelled", "{seen:#}");
        } else {
            assert!(matches!(status, "paid" | "shipped"), "{seen:#}");
        }
        shop.settle().await;
        let Ledger {
            charged,
            given_back,
            ..
        } = shop.ledger(&order).await;
        let kept = usize::from(!deleted);
        assert_eq!(charged - given_back, kept, "round {round}: {seen:#}");
    }
    Arc::into_inner(shop).unwrap().close().await;
}
