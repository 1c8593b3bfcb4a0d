//! What tests of orders ask for again and again.

use serde_json::{Value, json};

use super::{Answer, Call, Caller, TestShop, key};

impl TestShop {
    /// Places an order with this body.
    pub fn place(&self, caller: &Caller, key: &str, body: &Value) -> Call {
        self.post("/orders")
            .bearer(&caller.token)
            .key(key)
            .json(body)
    }

    /// Buys a product with this body.
    pub fn buy(&self, caller: &Caller, key: &str, product: &str, body: &Value) -> Call {
        let path = format!("/products/{product}/purchases");
        self.post(&path).bearer(&caller.token).key(key).json(body)
    }

    /// The id of a new order of these products and quantities.
    pub async fn ordered(&self, caller: &Caller, items: &[(&str, i64)]) -> String {
        let order = self.order(caller, &key(), items).send().await.expect(201);
        order["id"].as_str().unwrap().to_owned()
    }

    /// The id of a new order that is paid.
    pub async fn paid(&self, caller: &Caller, items: &[(&str, i64)]) -> String {
        let order = self.ordered(caller, items).await;
        let pay = self.pay(caller, &order, &key(), "tok_ok");
        pay.send().await.expect(200);
        order
    }

    /// The id of a new order that is on its way.
    pub async fn shipped(&self, caller: &Caller, items: &[(&str, i64)]) -> String {
        let order = self.paid(caller, items).await;
        let carrier = json!({"carrier": "Ox Express"});
        let ship = self.ship(&self.staff(), &order, &carrier);
        ship.send().await.expect(200);
        order
    }

    /// The id of a new order that arrived.
    pub async fn delivered(&self, caller: &Caller, items: &[(&str, i64)]) -> String {
        let order = self.shipped(caller, items).await;
        let deliver = self.deliver(&self.staff(), &order);
        deliver.send().await.expect(200);
        order
    }

    /// An order as somebody sees it.
    pub async fn order_seen(&self, caller: &Caller, order: &str) -> Answer {
        let path = format!("/orders/{order}");
        self.get(&path).bearer(&caller.token).send().await
    }

    /// Ships an order.
    pub fn ship(&self, caller: &Caller, order: &str, body: &Value) -> Call {
        let path = format!("/orders/{order}/shipment");
        self.post(&path).bearer(&caller.token).json(body)
    }

    /// Notes that an order arrived.
    pub fn deliver(&self, caller: &Caller, order: &str) -> Call {
        let path = format!("/orders/{order}/delivery");
        self.post(&path).bearer(&caller.token)
    }

    /// Calls an order off.
    pub fn cancel(&self, caller: &Caller, order: &str) -> Call {
        let path = format!("/orders/{order}/cancellation");
        self.post(&path).bearer(&caller.token)
    }

    /// Pays an order back.
    pub fn refund(&self, caller: &Caller, order: &str, body: &Value) -> Call {
        let path = format!("/orders/{order}/refund");
        self.post(&path).bearer(&caller.token).json(body)
    }

    /// Changes some members of a product that [`TestShop::product`] put.
    pub async fn change(&self, id: &str, members: Value) {
        let mut body =
            json!({"title": format!("The {id}"), "category": "things", "price": super::usd(100)});
        for (name, value) in members.as_object().unwrap() {
            body[name] = value.clone();
        }
        let put = self.put(&format!("/products/{id}"));
        put.bearer(&self.staff().token)
            .json(&body)
            .send()
            .await
            .expect(200);
    }

    /// Pieces of a product that can be bought.
    pub async fn available(&self, id: &str) -> i64 {
        self.stock(id).await["available"].as_i64().unwrap()
    }

    /// How many orders a caller sees, up to a hundred.
    pub async fn orders_seen(&self, caller: &Caller) -> usize {
        let list = self.get("/orders?limit=100").bearer(&caller.token);
        let list = list.send().await.expect(200);
        list["items"].as_array().unwrap().len()
    }
}

/// A new order's answer is `expected` and what follows from the moment it was placed.
#[track_caller]
pub fn is_new_order(answer: &Answer, expected: &Value) {
    let order = answer.expect(201);
    let (id, at) = (order["id"].as_str().unwrap(), &order["created_at"]);
    assert!(id.starts_with("ord_") && id.len() == 30, "{id}");
    assert_eq!(answer.header("location"), format!("/orders/{id}"));
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!answer.is_replayed());
    let seconds = |time: &Value| {
        let parsed: domain::Timestamp = serde_json::from_value(time.clone()).unwrap();
        parsed.as_seconds()
    };
    assert_eq!(seconds(&order["expires_at"]) - seconds(at), 15 * 60);
    let mut whole = expected.clone();
    whole["id"] = json!(id);
    whole["status"] = json!("placed");
    whole["created_at"] = at.clone();
    whole["expires_at"] = order["expires_at"].clone();
    whole["version"] = json!(1);
    whole["history"] = json!([{"status": "placed", "at": at, "by": "customer"}]);
    assert_eq!(order, whole);
}

/// The same answer again, and known as that.
#[track_caller]
pub fn is_replay(again: &Answer, first: &Answer) {
    assert_eq!((again.status, &again.text), (first.status, &first.text));
    assert!(again.is_replayed());
    assert_eq!(again.header("location"), first.header("location"));
}
