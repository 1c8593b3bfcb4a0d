//! The shop's requests.

use serde_json::{Value, json};

use crate::{Person, Request, Shop};

/// Price of every product that [`Shop::stock`] puts on sale, in minor units of USD.
pub const PRICE: i64 = 1200;

/// Orders these pieces of products.
pub fn place(who: &Person, key: &str, items: &[(&str, u32)]) -> Request {
    let items: Vec<Value> = items
        .iter()
        .map(|(product, quantity)| json!({"product_id": product, "quantity": quantity}))
        .collect();
    let order = Request::new("place-order", "POST", "/orders", &[]);
    order.by(who).key(key).json(json!({ "items": items }))
}

/// Orders pieces of a product, if one costs this much.
pub fn place_at(who: &Person, key: &str, product: &str, quantity: u32, price: i64) -> Request {
    let price = json!({"amount": price, "currency": "USD"});
    let item = json!({"product_id": product, "quantity": quantity, "unit_price": price});
    let order = Request::new("place-order", "POST", "/orders", &[]);
    order.by(who).key(key).json(json!({ "items": [item] }))
}

/// Orders what is in the cart, as of this version.
pub fn place_cart(who: &Person, key: &str, version: &Value) -> Request {
    let order = Request::new("place-order", "POST", "/orders", &[]);
    order
        .by(who)
        .key(key)
        .json(json!({ "cart_version": version }))
}

/// Orders pieces of one product.
pub fn buy(who: &Person, key: &str, product: &str, quantity: u32) -> Request {
    let path = format!("/products/{product}/purchases");
    let buy = Request::new("buy-product", "POST", path, &[("product_id", product)]);
    buy.by(who).key(key).json(json!({ "quantity": quantity }))
}

/// Pays an order.
pub fn pay(who: &Person, key: &str, order: &str, token: &str) -> Request {
    let pay = of_order("pay-order", "payment", who, order);
    pay.key(key).json(json!({ "payment_token": token }))
}

/// Cancels an order.
pub fn cancel(who: &Person, order: &str) -> Request {
    of_order("cancel-order", "cancellation", who, order)
}

/// Ships an order.
pub fn ship(who: &Person, order: &str) -> Request {
    ship_with(who, order, "Ox Express")
}

/// Ships an order with this carrier.
pub fn ship_with(who: &Person, order: &str, carrier: &str) -> Request {
    of_order("ship-order", "shipment", who, order).json(json!({ "carrier": carrier }))
}

/// Delivers an order.
pub fn deliver(who: &Person, order: &str) -> Request {
    of_order("deliver-order", "delivery", who, order)
}

/// Refunds an order.
pub fn refund(who: &Person, order: &str, restock: bool) -> Request {
    of_order("refund-order", "refund", who, order).json(json!({ "restock": restock }))
}

/// Looks at an order.
pub fn order(who: &Person, order: &str) -> Request {
    let path = format!("/orders/{order}");
    Request::new("get-order", "GET", path, &[("order_id", order)]).by(who)
}

/// Looks at the cart.
pub fn cart(who: &Person) -> Request {
    Request::new("get-cart", "GET", "/cart", &[]).by(who)
}

/// Puts pieces of a product into the cart.
pub fn put_item(who: &Person, product: &str, quantity: u32) -> Request {
    let put = of_cart_item("put-cart-item", "PUT", who, product);
    put.json(json!({ "quantity": quantity }))
}

/// Takes a product out of the cart.
pub fn remove_item(who: &Person, product: &str) -> Request {
    of_cart_item("remove-cart-item", "DELETE", who, product)
}

/// Merges a guest's cart, by the guest's token, into the cart.
pub fn merge(who: &Person, guest_token: &str) -> Request {
    let merge = Request::new("merge-cart", "POST", "/cart/merge", &[]);
    merge.by(who).json(json!({ "guest_token": guest_token }))
}

/// Puts a product at this price, with more members as they are given.
pub fn put_product(staff: &Person, product: &str, price: i64, more: Value) -> Request {
    let price = json!({"amount": price, "currency": "USD"});
    let mut body = json!({"title": product, "price": price});
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    let path = format!("/products/{product}");
    let put = Request::new("put-product", "PUT", path, &[("product_id", product)]);
    put.by(staff).json(body)
}

/// Takes pieces of a product in, or out.
pub fn adjust(staff: &Person, key: &str, product: &str, delta: i64) -> Request {
    let path = format!("/products/{product}/stock-adjustments");
    let adjust = Request::new("adjust-stock", "POST", path, &[("product_id", product)]);
    let reason = if delta < 0 { "lost" } else { "received" };
    adjust
        .by(staff)
        .key(key)
        .json(json!({"delta": delta, "reason": reason}))
}

/// Looks at a product's stock.
pub fn stock(staff: &Person, product: &str) -> Request {
    let path = format!("/products/{product}/stock");
    Request::new("get-stock", "GET", path, &[("product_id", product)]).by(staff)
}

/// Lists what is for sale, to anybody.
pub fn list_products() -> Request {
    Request::new("list-products", "GET", "/products", &[])
}

/// Looks at a product, as anybody does.
pub fn product(product: &str) -> Request {
    let path = format!("/products/{product}");
    Request::new("get-product", "GET", path, &[("product_id", product)])
}

/// Looks at the movements of a product's stock.
pub fn movements(staff: &Person, product: &str) -> Request {
    let path = format!("/products/{product}/stock-movements");
    let list = Request::new(
        "list-stock-movements",
        "GET",
        path,
        &[("product_id", product)],
    );
    list.by(staff)
}

/// Lists somebody's orders.
pub fn orders(who: &Person) -> Request {
    Request::new("list-orders", "GET", "/orders", &[]).by(who)
}

/// Looks at the account.
pub fn profile(who: &Person) -> Request {
    Request::new("get-profile", "GET", "/users/me", &[]).by(who)
}

/// Makes an account.
pub fn register(email: &str, password: &str) -> Request {
    let body = json!({"email": email, "password": password});
    Request::new("register-user", "POST", "/users", &[]).json(body)
}

/// Begins a session.
pub fn log_in(email: &str, password: &str) -> Request {
    let body = json!({"email": email, "password": password});
    Request::new("log-in", "POST", "/sessions", &[]).json(body)
}

/// Takes a refresh token for the next.
pub fn refresh(token: &str) -> Request {
    let body = json!({ "refresh_token": token });
    Request::new("refresh-session", "POST", "/sessions/refresh", &[]).json(body)
}

/// Ends the session of this access token.
pub fn log_out(token: &str) -> Request {
    Request::new("log-out", "DELETE", "/sessions/current", &[]).bearer(token)
}

/// Sets another password in the session of this access token.
pub fn change_password(token: &str, current: &str, new: &str) -> Request {
    let body = json!({"current_password": current, "new_password": new});
    let change = Request::new("change-password", "PUT", "/users/me/password", &[]);
    change.bearer(token).json(body)
}

/// Has another link sent that verifies the address of whoever has this access token.
pub fn request_email_verification(token: &str) -> Request {
    let path = "/users/me/email-verification";
    Request::new("request-email-verification", "POST", path, &[]).bearer(token)
}

/// Verifies an address by the token of a link.
pub fn verify_email(token: &str) -> Request {
    let verify = Request::new("verify-email", "POST", "/email-verifications", &[]);
    verify.json(json!({ "token": token }))
}

/// Has a link sent by which another password can be set.
pub fn request_password_reset(email: &str) -> Request {
    let request = Request::new("request-password-reset", "POST", "/password-resets", &[]);
    request.json(json!({ "email": email }))
}

/// Sets another password by the token of a link.
pub fn reset_password(token: &str, new: &str) -> Request {
    let path = "/password-resets/completion";
    let reset = Request::new("reset-password", "POST", path, &[]);
    reset.json(json!({"token": token, "new_password": new}))
}

/// Deletes the account.
pub fn delete_user(who: &Person) -> Request {
    Request::new("delete-user", "DELETE", "/users/me", &[]).by(who)
}

fn of_order(operation: &'static str, part: &str, who: &Person, order: &str) -> Request {
    let path = format!("/orders/{order}/{part}");
    Request::new(operation, "POST", path, &[("order_id", order)]).by(who)
}

fn of_cart_item(
    operation: &'static str,
    method: &'static str,
    who: &Person,
    product: &str,
) -> Request {
    let path = format!("/cart/items/{product}");
    Request::new(operation, method, path, &[("product_id", product)]).by(who)
}

impl Shop {
    /// Puts a product on sale, with this many pieces in that many buckets.
    pub async fn stock(&self, product: &str, pieces: i64, buckets: u8) {
        let staff = self.staff();
        self.must(&put_product(
            &staff,
            product,
            PRICE,
            json!({"stock_buckets": buckets}),
        ))
        .await;
        if pieces > 0 {
            self.must(&adjust(&staff, "delivery", product, pieces))
                .await;
        }
    }
}
