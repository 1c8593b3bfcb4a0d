//! What Ann buys, and what becomes of it.

use serde_json::{Value, json};

use super::{client::Client, people::Ann};
use crate::support::{Call, usd};

fn address() -> Value {
    json!({
        "name": "canaryrecipient", "line1": "canaryline1", "line2": "canaryline2", "city": "canarycity",
        "region": "canaryregion", "postal_code": "canarypostal", "country": "GB",
    })
}

/// Ann's orders.
pub struct Orders {
    /// Of her cart; it arrives.
    arriving: String,
    /// Of items; it is paid back.
    refunded: String,
    /// A purchase; she calls it off.
    cancelled: String,
}

/// A guest fills a cart, takes something out, and becomes Ann.
pub async fn fills_a_cart(client: &mut Client<'_>, ann: &Ann) {
    let begin = client.post("/guests");
    let guest = client.send(begin, 201).await;
    let guest = guest["access_token"].as_str().unwrap();
    client.keep(guest);
    for (path, body, status) in [
        ("/cart/items/canaryproduct", json!({"quantity": 2}), 200),
        ("/cart/items/canaryproduct-two", json!({"quantity": 1}), 200),
        ("/cart/items/canarynothing", json!({"quantity": 1}), 404),
        (
            "/cart/items/canaryproduct",
            json!({"quantity": "canaryquantity"}),
            400,
        ),
    ] {
        let put = client.put(path).bearer(guest).json(&body);
        client.send(put, status).await;
    }
    let remove = client.delete("/cart/items/canaryproduct-two");
    client.send(remove.bearer(guest), 200).await;
    let forged = "canaryforged.canaryclaims.canarysignature";
    for (token, status) in [(forged, 422), (guest, 200)] {
        let merge = client.post("/cart/merge").bearer(&ann.session.access);
        let merge = merge.json(&json!({"guest_token": token}));
        client.send(merge, status).await;
    }
    let ended = client.get("/cart").bearer(guest);
    client.send(ended, 401).await;
}

fn place(client: &Client<'_>, ann: &Ann, key: &str, body: &Value) -> Call {
    let call = client.post("/orders").bearer(&ann.session.access);
    call.key(key).json(body)
}

fn id(order: &Value) -> String {
    order["id"].as_str().unwrap().to_owned()
}

/// Ann orders what is in the cart, and three mugs more, one of which she does not pay for.
pub async fn orders(client: &mut Client<'_>, ann: &Ann) -> Orders {
    let look = client.get("/cart").bearer(&ann.session.access);
    let version = client.send(look, 200).await["version"].clone();
    let whole = json!({"cart_version": version, "shipping_address": address()});
    let bare = json!({"cart_version": version});
    let mut answers = Vec::new();
    for (key, body, status) in [
        ("canarykey-cart", &whole, 201),
        ("canarykey-cart", &whole, 201),
        ("canarykey-cart", &bare, 422),
        ("canarykey-tab", &whole, 409),
    ] {
        let place = place(client, ann, key, body);
        answers.push(client.send(place, status).await);
    }
    let item = json!({"product_id": "canaryproduct", "quantity": 1, "unit_price": usd(1200)});
    let good = json!({"items": [item], "shipping_address": address()});
    for (at, (pointer, value, status)) in [
        ("/items/0/product_id", json!("canaryunknown"), 409),
        ("/items/0/quantity", json!(99), 409),
        ("/items/0/unit_price/amount", json!(1), 409),
        ("/items/0/unit_price/currency", json!("canarycurrency"), 422),
        ("/shipping_address/country", json!("canarycountry"), 422),
        ("/shipping_address/city", json!("canary\ncity"), 422),
        (
            "/shipping_address/line2",
            json!({"canarymember": "canaryvalue"}),
            400,
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        let refused = place(client, ann, &format!("canarykey-refused-{at}"), &body);
        client.send(refused, status).await;
    }
    let refunded = place(client, ann, "canarykey-refunded", &good);
    let refunded = client.send(refunded, 201).await;
    let unpaid = place(client, ann, "canarykey-unpaid", &good);
    client.send(unpaid, 201).await;
    let buy = |client: &Client<'_>, product: &str| {
        let call = client.post(&format!("/products/{product}/purchases"));
        let body = json!({"quantity": 1, "shipping_address": address()});
        let call = call.bearer(&ann.session.access).key("canarykey-bought");
        call.json(&body)
    };
    let nothing = buy(client, "canarynothing");
    client.send(nothing, 404).await;
    let bought = buy(client, "canaryproduct");
    let cancelled = client.send(bought, 201).await;
    Orders {
        arriving: id(&answers[0]),
        refunded: id(&refunded),
        cancelled: id(&cancelled),
    }
}

/// Ann, a stranger and the staff look at the orders.
pub async fn are_looked_at(client: &mut Client<'_>, ann: &Ann, staff: &str, orders: &Orders) {
    let stranger = client.shop.customer().token;
    let order = format!("/orders/{}", orders.arriving);
    let (order, stranger) = (order.as_str(), stranger.as_str());
    let access = ann.session.access.as_str();
    for (path, token, status) in [
        (order, access, 200),
        (order, stranger, 404),
        ("/orders/canaryorder", access, 404),
        ("/orders?status=canarystatus", access, 400),
        ("/orders?cursor=canarycursor", access, 400),
        ("/orders", "canaryforged.canaryclaims.canarysignature", 401),
    ] {
        let look = client.get(path).bearer(token);
        client.send(look, status).await;
    }
    let list = "/orders?limit=1&status=placed";
    for token in [access, staff] {
        client.go_on(list, Some(token)).await;
    }
}

fn pay(client: &Client<'_>, ann: &Ann, order: &str, key: &str, token: &str) -> Call {
    let call = client.post(&format!("/orders/{order}/payment"));
    let call = call.bearer(&ann.session.access).key(key);
    call.json(&json!({"payment_token": token}))
}

/// One order is paid at the third attempt, one though the answer is lost; one is called off.
pub async fn are_paid_for(client: &mut Client<'_>, ann: &Ann, orders: &Orders) {
    for (order, key, token, status) in [
        (&orders.arriving, "canarykey-1", "canarypaymenttoken", 402),
        (&orders.arriving, "canarykey-1", "canarypaymenttoken", 402),
        (&orders.arriving, "canarykey-1", "canarypaymentother", 422),
        (&orders.arriving, "canarykey-2", "canary\ntoken", 400),
        (&orders.arriving, "canarykey-3", "tok_unreachable", 503),
        (&orders.arriving, "canarykey-4", "tok_ok", 200),
        (&orders.arriving, "canarykey-5", "tok_ok", 200),
        (&orders.refunded, "canarykey-6", "tok_timeout", 200),
    ] {
        let pay = pay(client, ann, order, key, token);
        client.send(pay, status).await;
    }
    let cancel = client.post(&format!("/orders/{}/cancellation", orders.cancelled));
    client.send(cancel.bearer(&ann.session.access), 200).await;
    // What is paid has to arrive first.
    let delete = client.delete("/users/me").bearer(&ann.session.access);
    client.send(delete, 409).await;
}

/// One order is sent and arrives, one is paid back.
pub async fn are_dealt_with(client: &mut Client<'_>, ann: &Ann, staff: &str, orders: &Orders) {
    let ann_too = ann.session.access.as_str();
    let parcel = json!({"carrier": "canarycarrier", "tracking_number": "canarytracking"});
    let other = json!({"carrier": "canarycarrierother"});
    let more = json!({"carrier": "canarycarrier", "canarymember": "canaryvalue"});
    let refund = json!({"restock": true, "reason": "canaryreason"});
    let otherwise = json!({"restock": true, "reason": "canaryreasonother"});
    let (sent, back) = (&orders.arriving, &orders.refunded);
    for (order, to, token, body, status) in [
        (sent, "shipment", ann_too, &parcel, 403),
        (sent, "shipment", staff, &more, 400),
        (sent, "shipment", staff, &parcel, 200),
        (sent, "shipment", staff, &other, 409),
        (sent, "delivery", staff, &more, 200),
        (back, "refund", ann_too, &refund, 403),
        (back, "refund", staff, &refund, 200),
        (back, "refund", staff, &otherwise, 409),
    ] {
        let call = client.post(&format!("/orders/{order}/{to}")).bearer(token);
        client.send(call.json(body), status).await;
        // Ann is written that the parcel is on its way as long as it is.
        client.shop.drain_stream().await;
    }
    // A repeat of its payment, when the parcel has a number.
    let again = pay(client, ann, sent, "canarykey-7", "tok_ok");
    client.send(again, 200).await;
}
