//! `delete-user`: what is kept of the orders.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Caller, PASSWORD, TestShop, key};

/// What is personal about Ann, each of it a text that nothing else in the shop contains.
const PERSONAL: [&str; 8] = [
    "annabel@example.com",
    "Annabel of the profile",
    "Annabel of the parcel",
    "17 Heron Lane",
    "Second Door",
    "Otterville",
    "ZX9 4QQ",
    "TRACK-778",
];

fn address() -> Value {
    json!({
        "name": "Annabel of the parcel", "line1": "17 Heron Lane", "line2": "Second Door",
        "city": "Otterville", "postal_code": "ZX9 4QQ", "country": "GB",
    })
}

fn one_mug() -> Value {
    json!({"items": [{"product_id": "mug", "quantity": 1}], "shipping_address": address()})
}

async fn annabel(shop: &TestShop) -> Caller {
    let account = json!({
        "email": "annabel@example.com", "password": PASSWORD, "name": "Annabel of the profile",
    });
    let user = shop.post("/users").json(&account).send().await.expect(201);
    Caller {
        id: user["id"].as_str().unwrap().to_owned(),
        token: shop.logged_in("annabel@example.com").await,
    }
}

/// Where any of it stands in the tables, but for the mailbox: that is mail which has left the shop.
async fn traces(shop: &TestShop) -> Vec<(String, &'static str)> {
    shop.drain_stream().await;
    let mut traces = Vec::new();
    let tables = shop.snapshot().await.into_iter();
    for (key, item) in tables.filter(|(key, _)| !key.contains("MAIL#")) {
        let found = PERSONAL.into_iter().filter(|text| item.contains(text));
        traces.extend(found.map(|text| (key.clone(), text)));
    }
    traces
}

fn id(order: &Answer) -> String {
    order.expect(201)["id"].as_str().unwrap().to_owned()
}

/// The order without what is personal, as an answer's text.
fn stripped(text: &str) -> Value {
    let mut order: Value = serde_json::from_str(text).unwrap();
    let address = order.as_object_mut().unwrap().remove("shipping_address");
    assert_eq!(address, Some(self::address()));
    order
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_personal_is_left_in_any_table_and_staff_see_the_rest() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 20).await;
    let staff = shop.staff();
    let ann = annabel(&shop).await;
    let placing_key = key();
    let placed = shop.place(&ann, &placing_key, &one_mug()).send().await;
    let delivered = id(&placed);
    // Paid at the second attempt, and by the same request under another key.
    let declined = shop.pay(&ann, &delivered, &key(), "tok_declined");
    declined.send().await.expect(402);
    let paying_keys = [key(), key(), key()];
    let mut paid = Vec::new();
    for key in &paying_keys {
        let pay = shop.pay(&ann, &delivered, key, "tok_ok").send().await;
        pay.expect(200);
        paid.push(pay);
    }
    let parcel = json!({"carrier": "Ox Express", "tracking_number": "TRACK-778"});
    shop.ship(&staff, &delivered, &parcel)
        .send()
        .await
        .expect(200);
    shop.deliver(&staff, &delivered).send().await.expect(200);
    // Paid once more when the parcel has its number.
    let late_key = key();
    let paid_late = shop.pay(&ann, &delivered, &late_key, "tok_ok");
    let paid_late = paid_late.send().await;
    assert_eq!(paid_late.expect(200)["shipment"], parcel);
    // One of a cart, refunded; one bought and never paid; one that expired; one that was called off.
    let put = shop.put("/cart/items/mug").bearer(&ann.token);
    let put = put.json(&json!({"quantity": 2})).send().await.expect(200);
    let of_cart = json!({"cart_version": put["version"], "shipping_address": address()});
    let refunded = id(&shop.place(&ann, &key(), &of_cart).send().await);
    shop.pay(&ann, &refunded, &key(), "tok_ok")
        .send()
        .await
        .expect(200);
    let reason = "Annabel of the parcel sent it back";
    shop.refund(
        &staff,
        &refunded,
        &json!({"restock": true, "reason": reason}),
    )
    .send()
    .await
    .expect(200);
    let buy = json!({"quantity": 3, "shipping_address": address()});
    let unpaid = id(&shop.buy(&ann, &key(), "mug", &buy).send().await);
    let overdue = id(&shop.place(&ann, &key(), &one_mug()).send().await);
    shop.let_expire(&overdue).await;
    let called_off = id(&shop.place(&ann, &key(), &one_mug()).send().await);
    shop.cancel(&ann, &called_off).send().await.expect(200);

    let found = traces(&shop).await;
    for text in PERSONAL {
        assert!(found.iter().any(|(_, found)| *found == text), "{text}");
    }
    let before = shop.order_seen(&staff, &delivered).await.expect(200);
    shop.delete_account(&ann.token).send().await.expect(204);
    assert_eq!(traces(&shop).await, []);

    let mut expected = stripped(&before.to_string());
    let without_number = json!({"carrier": "Ox Express"});
    expected["shipment"] = without_number.clone();
    expected["version"] = json!(before["version"].as_u64().unwrap() + 1);
    let seen = shop.order_seen(&staff, &delivered).await.expect(200);
    assert_eq!(seen, expected);
    for (order, status, by) in [
        (&refunded, "refunded", "staff"),
        (&unpaid, "cancelled", "customer"),
        (&overdue, "expired", "system"),
        (&called_off, "cancelled", "customer"),
    ] {
        let seen = shop.order_seen(&staff, order).await.expect(200);
        assert_eq!(seen["status"], status);
        let history = seen["history"].as_array().unwrap();
        assert_eq!(history.last().unwrap()["by"], by, "{history:#?}");
        assert_eq!(seen.get("shipping_address"), None);
    }
    assert_eq!(shop.available("mug").await, 19, "one was delivered");
    let list = shop.get("/orders").bearer(&staff.token).send().await;
    assert_eq!(list.expect(200)["items"].as_array().unwrap().len(), 5);

    // Remembered answers are as they were, without the address.
    let again = shop.place(&ann, &placing_key, &one_mug()).send().await;
    assert_eq!(
        (again.expect(201), again.is_replayed()),
        (stripped(&placed.text), true)
    );
    for (key, paid) in paying_keys.iter().zip(&paid) {
        let again = shop.pay(&ann, &delivered, key, "tok_ok").send().await;
        assert_eq!(
            (again.expect(200), again.is_replayed()),
            (stripped(&paid.text), true)
        );
    }
    let again = shop.pay(&ann, &delivered, &late_key, "tok_ok").send().await;
    let mut expected = stripped(&paid_late.text);
    expected["shipment"] = without_number;
    assert_eq!((again.expect(200), again.is_replayed()), (expected, true));
    let before = shop.snapshot().await;
    shop.delete_account(&ann.token).send().await.expect(204);
    shop.assert_unchanged(&before).await;
    shop.settle().await;
    assert_eq!(traces(&shop).await, []);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_elses_orders_are_touched() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 20).await;
    let ann = shop.registered("ann@example.com").await;
    let bob = annabel(&shop).await;
    let anns = id(&shop.place(&ann, &key(), &one_mug()).send().await);
    let bobs = id(&shop.place(&bob, &key(), &one_mug()).send().await);
    let before = shop.order_seen(&bob, &bobs).await;
    shop.delete_account(&ann.token).send().await.expect(204);
    let seen = shop.order_seen(&shop.staff(), &anns).await.expect(200);
    assert_eq!(seen["status"], "cancelled");
    assert_eq!(shop.order_seen(&bob, &bobs).await.text, before.text);
    let call = shop.call(Method::GET, "/users/me").bearer(&bob.token);
    assert_eq!(
        call.send().await.expect(200)["name"],
        "Annabel of the profile"
    );
    assert_eq!(shop.available("mug").await, 19);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_orders_than_a_page_are_all_looked_at() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 200).await;
    let staff = shop.staff();
    let ann = annabel(&shop).await;
    let oldest = shop.paid(&ann, &[("mug", 1)]).await;
    shop.set_number("orders", &format!("ORDER#{oldest}"), "created_at", 1)
        .await;
    for _ in 0..101 {
        shop.place(&ann, &key(), &one_mug())
            .send()
            .await
            .expect(201);
    }
    let refused = shop.delete_account(&ann.token).send().await;
    let problem = refused.problem(409, "open-orders");
    assert_eq!(problem["order_ids"], json!([oldest]));
    shop.refund(&staff, &oldest, &json!({"restock": false}))
        .send()
        .await
        .expect(200);
    shop.delete_account(&ann.token).send().await.expect(204);
    assert_eq!(traces(&shop).await, []);
    assert_eq!(shop.available("mug").await, 199);
    shop.settle().await;
    shop.close().await;
}
