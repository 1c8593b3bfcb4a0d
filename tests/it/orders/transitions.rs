//! Every operation that moves an order on, met by an order in every status: the domain's table, over HTTP.

use domain::{OrderEvent, OrderStatus};
use serde_json::{Value, json};

use crate::support::{Answer, Caller, TestShop, key};

struct Parties {
    owner: Caller,
    staff: Caller,
}

fn shipment() -> Value {
    json!({"carrier": "Ox Express", "tracking_number": "OX1"})
}

/// Brings an event about; `None` for those that no operation does.
async fn bring_about(
    shop: &TestShop,
    who: &Parties,
    order: &str,
    event: OrderEvent,
) -> Option<Answer> {
    let call = match event {
        OrderEvent::Pay => shop.pay(&who.owner, order, &key(), "tok_ok"),
        OrderEvent::Cancel => shop.cancel(&who.owner, order),
        OrderEvent::Ship => shop.ship(&who.staff, order, &shipment()),
        OrderEvent::Deliver => shop.deliver(&who.staff, order),
        OrderEvent::Refund => shop.refund(&who.staff, order, &json!({"restock": true})),
        OrderEvent::Expire => return None,
    };
    Some(call.send().await)
}

/// A new order in this status and the events that led there.
async fn in_status(
    shop: &TestShop,
    who: &Parties,
    status: OrderStatus,
) -> (String, Vec<OrderEvent>) {
    use OrderEvent::{Cancel, Deliver, Expire, Pay, Refund, Ship};
    let way = match status {
        OrderStatus::Placed => vec![],
        OrderStatus::Paid => vec![Pay],
        OrderStatus::Shipped => vec![Pay, Ship],
        OrderStatus::Delivered => vec![Pay, Ship, Deliver],
        OrderStatus::Cancelled => vec![Cancel],
        OrderStatus::Expired => vec![Expire],
        OrderStatus::Refunded => vec![Pay, Refund],
    };
    let order = shop.ordered(&who.owner, &[("mug", 1)]).await;
    for event in &way {
        match bring_about(shop, who, &order, *event).await {
            Some(answer) => drop(answer.expect(200)),
            None => {
                shop.let_expire(&order).await;
                shop.settle().await;
            }
        }
    }
    (order, way)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_status_meets_every_operation_as_the_table_of_transitions_says() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 99).await;
    let who = Parties {
        owner: shop.customer(),
        staff: shop.staff(),
    };
    let mut met = 0;
    for from in OrderStatus::ALL {
        for event in OrderEvent::ALL {
            let (order, way) = in_status(&shop, &who, from).await;
            let before = shop.order_seen(&who.owner, &order).await.expect(200);
            assert_eq!(before["status"], from.as_str());
            let Some(answer) = bring_about(&shop, &who, &order, event).await else {
                shop.cancel(&who.owner, &order).send().await;
                continue;
            };
            met += 1;
            let after = shop.order_seen(&who.owner, &order).await.expect(200);
            let what = format!("{from:?} meets {event:?}");
            if let Some(to) = from.after(event) {
                assert_eq!(answer.expect(200), after, "{what}");
                assert_eq!(after["status"], to.as_str(), "{what}");
                let history = after["history"].as_array().unwrap();
                let by = match event {
                    OrderEvent::Ship | OrderEvent::Deliver | OrderEvent::Refund => "staff",
                    _ => "customer",
                };
                let last = history.last().unwrap();
                assert_eq!(
                    (&last["status"], &last["by"]),
                    (&json!(to.as_str()), &json!(by)),
                    "{what}"
                );
                assert_eq!(
                    history[..history.len() - 1],
                    before["history"].as_array().unwrap()[..],
                    "{what}"
                );
                assert!(
                    after["version"].as_u64() > before["version"].as_u64(),
                    "{what}"
                );
                // The same again is the same answer and no further change.
                let repeated = bring_about(&shop, &who, &order, event).await.unwrap();
                assert_eq!(repeated.expect(200), after, "{what} twice");
            } else {
                // What was done already, as it was done, is answered with the order as it is.
                if way.contains(&event) {
                    assert_eq!(answer.expect(200), before, "{what} again");
                } else if (from, event) == (OrderStatus::Expired, OrderEvent::Pay) {
                    answer.problem(410, "order-expired");
                } else {
                    let problem = answer.problem(409, "invalid-transition");
                    assert_eq!(problem["order_status"], from.as_str(), "{what}");
                }
                assert_eq!(after, before, "{what} changes nothing");
            }
        }
    }
    assert_eq!(met, 7 * 5, "seven statuses meet five operations");
    shop.settle().await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_shipped_once_and_by_one_carrier() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 9).await;
    let (ann, staff) = (shop.customer(), shop.staff());
    let order = shop.paid(&ann, &[("mug", 1)]).await;
    for (body, problem) in [
        (json!({}), "invalid-body"),
        (json!({"carrier": ""}), "invalid-body"),
        (json!({"carrier": "x".repeat(101)}), "invalid-body"),
        (
            json!({"carrier": "Ox", "tracking_number": "a\u{0}b"}),
            "invalid-body",
        ),
        (json!({"carrier": "Ox", "weight": 1}), "invalid-body"),
        (json!({"carrier": 7}), "invalid-body"),
    ] {
        shop.ship(&staff, &order, &body)
            .send()
            .await
            .problem(400, problem);
    }
    assert_eq!(
        shop.order_seen(&ann, &order).await.expect(200)["status"],
        "paid"
    );
    let shipped = shop
        .ship(&staff, &order, &shipment())
        .send()
        .await
        .expect(200);
    assert_eq!(shipped["shipment"], shipment());
    for other in [
        json!({"carrier": "Ox Express"}),
        json!({"carrier": "Ox Express", "tracking_number": "OX2"}),
        json!({"carrier": "Snail", "tracking_number": "OX1"}),
    ] {
        let refused = shop.ship(&staff, &order, &other).send().await;
        assert_eq!(
            refused.problem(409, "invalid-transition")["order_status"],
            "shipped"
        );
    }
    // Another of the staff may repeat it, also when it has arrived.
    let again = shop.ship(&shop.staff(), &order, &shipment()).send().await;
    assert_eq!(again.expect(200), shipped);
    let delivered = shop.deliver(&staff, &order).send().await.expect(200);
    let again = shop.ship(&staff, &order, &shipment()).send().await;
    assert_eq!(again.expect(200), delivered);
    let bare = shop.paid(&ann, &[("mug", 1)]).await;
    let carrier = json!({"carrier": "Ox Express", "tracking_number": null});
    let shipped = shop.ship(&staff, &bare, &carrier).send().await.expect(200);
    assert_eq!(shipped["shipment"], json!({"carrier": "Ox Express"}));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn owner_and_staff_may_cancel_and_the_stock_returns_to_its_bucket() {
    let shop = TestShop::open().await;
    shop.product_in_buckets("mug", 100, 8, 4).await;
    let (ann, staff) = (shop.customer(), shop.staff());
    let untouched = shop.stock("mug").await;
    let by_owner = shop.ordered(&ann, &[("mug", 2)]).await;
    let by_staff = shop.ordered(&ann, &[("mug", 2)]).await;
    for (caller, order, by) in [(&ann, &by_owner, "customer"), (&staff, &by_staff, "staff")] {
        let before = shop.order_seen(&ann, order).await.expect(200);
        let cancelled = shop.cancel(caller, order).send().await.expect(200);
        let mut expected = before.clone();
        expected["status"] = json!("cancelled");
        expected["version"] = json!(2);
        let at = &cancelled["history"][1]["at"];
        expected["history"] =
            json!([before["history"][0], {"status": "cancelled", "at": at, "by": by}]);
        assert_eq!(cancelled, expected);
        for again in [&ann, &staff] {
            assert_eq!(
                shop.cancel(again, order).send().await.expect(200),
                cancelled
            );
        }
    }
    assert_eq!(shop.stock("mug").await, untouched);
    // An order past its time is expired and not to be cancelled, whether or not the schedule came by.
    let late = shop.ordered(&ann, &[("mug", 1)]).await;
    shop.let_expire(&late).await;
    let refused = shop
        .cancel(&ann, &late)
        .send()
        .await
        .problem(409, "invalid-transition");
    assert_eq!(refused["order_status"], "expired");
    shop.settle().await;
    shop.cancel(&ann, &late)
        .send()
        .await
        .problem(409, "invalid-transition");
    assert_eq!(shop.stock("mug").await, untouched);
    shop.close().await;
}
