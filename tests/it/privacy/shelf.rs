//! What the staff put on the shelf, and everybody sees.

use serde_json::{Value, json};

use super::client::Client;
use crate::support::{Call, usd};

fn product() -> Value {
    json!({
        "title": "Canarytitle mug", "description": "canarydescription", "category": "canarycategory",
        "price": usd(1200), "image_url": "https://canaryimage.example/mug.png",
    })
}

fn adjust(client: &Client<'_>, staff: &str, key: &str, body: &Value) -> Call {
    let call = client.post("/products/canaryproduct/stock-adjustments");
    call.bearer(staff).key(key).json(body)
}

/// Two products are put, and twenty pieces of one come in.
pub async fn is_filled(client: &mut Client<'_>, staff: &str) {
    for id in ["canaryproduct", "canaryproduct-two"] {
        for status in [201, 200] {
            let put = client.put(&format!("/products/{id}")).bearer(staff);
            client.send(put.json(&product()), status).await;
        }
    }
    let received = json!({"delta": 20, "reason": "received", "note": "canarynote"});
    for _ in 0..2 {
        let adjust = adjust(client, staff, "canarykey-received", &received);
        client.send(adjust, 201).await;
    }
    let other = json!({"delta": 1, "reason": "received", "note": "canarynoteother"});
    let reused = adjust(client, staff, "canarykey-received", &other);
    client.send(reused, 422).await;
    for (body, status) in [
        (
            json!({"delta": -1000, "reason": "lost", "note": "canarylost"}),
            409,
        ),
        (
            json!({"delta": 0, "reason": "found", "note": "canaryzero"}),
            400,
        ),
        (json!({"delta": 1, "reason": "canaryreasonname"}), 400),
        (
            json!({"delta": 1, "reason": "found", "canarymember": "canaryvalue"}),
            400,
        ),
    ] {
        let refused = adjust(client, staff, "canarykey-refused", &body);
        client.send(refused, status).await;
    }
    let mut nowhere = product();
    nowhere["category"] = json!("Canarycategory");
    for (path, body) in [
        ("/products/canaryproduct", nowhere),
        ("/products/Canaryproduct", product()),
    ] {
        let refused = client.put(path).bearer(staff).json(&body);
        client.send(refused, 422).await;
    }
}

/// Everybody looks at it.
pub async fn is_looked_at(client: &mut Client<'_>) {
    let list = "/products?category=canarycategory&query=canarytitle&limit=1";
    client.go_on(list, None).await;
    let product = client.get("/products/canaryproduct");
    client.send(product, 200).await;
    for (path, status) in [
        ("/products/canarynothing", 404),
        ("/products?category=Canarycategory", 400),
        ("/products?limit=canarylimit", 400),
        ("/products?cursor=canarycursor", 400),
        ("/products?query=%ffcanarywords", 400),
        ("/products/canaryproduct/stock", 401),
    ] {
        let refused = client.get(path);
        client.send(refused, status).await;
    }
}

/// The staff count what is left.
pub async fn is_counted(client: &mut Client<'_>, staff: &str) {
    let stock = client.get("/products/canaryproduct/stock");
    client.send(stock.bearer(staff), 200).await;
    client.shop.drain_stream().await;
    let movements = "/products/canaryproduct/stock-movements?limit=1";
    client.go_on(movements, Some(staff)).await;
}
