//! What tests of carts ask for again and again.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Call, Caller, TestShop};

impl TestShop {
    /// Puts pieces of a product into somebody's cart.
    pub fn put_in(&self, caller: &Caller, product: &str, quantity: i64) -> Call {
        let path = format!("/cart/items/{product}");
        let call = self.put(&path).bearer(&caller.token);
        call.json(&json!({"quantity": quantity}))
    }

    /// Takes a product out of somebody's cart.
    pub fn take_out(&self, caller: &Caller, product: &str) -> Call {
        let path = format!("/cart/items/{product}");
        self.call(Method::DELETE, &path).bearer(&caller.token)
    }

    /// Somebody's cart as they see it.
    pub async fn cart(&self, caller: &Caller) -> Value {
        let cart = self.get("/cart").bearer(&caller.token);
        cart.send().await.expect(200)
    }

    /// Puts these products and quantities into somebody's cart. Its version then.
    pub async fn fill(&self, caller: &Caller, items: &[(&str, i64)]) -> u64 {
        for (product, quantity) in items {
            let put = self.put_in(caller, product, *quantity);
            put.send().await.expect(200);
        }
        self.cart(caller).await["version"].as_u64().unwrap()
    }

    /// Orders this version of somebody's cart.
    pub fn order_cart(&self, caller: &Caller, key: &str, version: u64) -> Call {
        self.place(caller, key, &json!({"cart_version": version}))
    }

    /// Puts a guest's cart into somebody's.
    pub fn merge(&self, caller: &Caller, guest_token: &str) -> Call {
        let call = self.post("/cart/merge").bearer(&caller.token);
        call.json(&json!({"guest_token": guest_token}))
    }
}

/// The products and quantities of a cart or an order, in its order.
pub fn contents(of: &Value) -> Vec<(String, i64)> {
    let items = of["items"].as_array().unwrap();
    let content = |item: &Value| {
        let id = item["product_id"].as_str().unwrap().to_owned();
        (id, item["quantity"].as_i64().unwrap())
    };
    items.iter().map(content).collect()
}
