//! One customer's whole way through the shop.

use serde_json::json;

use crate::support::{TestShop, key};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_registers_logs_in_looks_orders_pays_and_receives() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 5).await;
    let account =
        json!({"email": "Ann@example.com", "password": "correct horse battery", "name": "Ann"});
    let user = shop.post("/users").json(&account).send().await.expect(201);
    assert_eq!(user["email"], "ann@example.com");
    let credentials = json!({"email": "ann@example.com", "password": "correct horse battery"});
    let session = shop
        .post("/sessions")
        .json(&credentials)
        .send()
        .await
        .expect(201);
    let token = session["access_token"].as_str().unwrap().to_owned();
    let profile = shop
        .get("/users/me")
        .bearer(&token)
        .send()
        .await
        .expect(200);
    assert_eq!(profile, user);
    let caller = crate::support::Caller {
        id: user["id"].as_str().unwrap().into(),
        token,
    };

    shop.drain_stream().await;
    let product = shop.get("/products/mug").send().await.expect(200);
    assert_eq!(product["available"], 5);
    let order_key = key();
    let placed = shop.order(&caller, &order_key, &[("mug", 2)]).send().await;
    let order = placed.expect(201);
    assert_eq!(order["total"], json!({"amount": 2400, "currency": "USD"}));
    let id = order["id"].as_str().unwrap();
    assert_eq!(placed.header("location"), format!("/orders/{id}"));
    assert_eq!(shop.stock("mug").await["available"], 3);

    let paid = shop
        .pay(&caller, id, &key(), "tok_ok")
        .send()
        .await
        .expect(200);
    assert_eq!(paid["status"], "paid");
    let staff = shop.staff();
    let ship = json!({"carrier": "Ox Express", "tracking_number": "OX1"});
    let path = format!("/orders/{id}/shipment");
    let shipped = shop
        .post(&path)
        .bearer(&staff.token)
        .json(&ship)
        .send()
        .await
        .expect(200);
    assert_eq!(shipped["shipment"], ship);
    let path = format!("/orders/{id}/delivery");
    let delivered = shop
        .post(&path)
        .bearer(&staff.token)
        .send()
        .await
        .expect(200);
    let statuses: Vec<_> = delivered["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|h| h["status"].clone())
        .collect();
    assert_eq!(statuses, ["placed", "paid", "shipped", "delivered"]);

    let again = shop.order(&caller, &order_key, &[("mug", 2)]).send().await;
    assert_eq!(
        (again.status, again.is_replayed(), &again.text),
        (201, true, &placed.text)
    );
    let list = shop
        .get("/orders")
        .bearer(&caller.token)
        .send()
        .await
        .expect(200);
    assert_eq!(list["items"], json!([delivered]));
    shop.close().await;
}
