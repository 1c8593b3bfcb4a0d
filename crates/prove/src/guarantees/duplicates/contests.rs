//! What contends for a key, operation by operation.

use domain::Role;
use serde_json::{Value, json};
use simulation::{Person, Request, Shop, ask};

use super::{Contest, PIECES};

fn address(city: &str) -> Value {
    json!({"name": "Ann", "line1": "1 Ox Road", "city": city, "postal_code": "1", "country": "NZ"})
}

/// A request with a member of its body set.
fn with(request: &Request, member: &str, value: Value) -> Request {
    let mut body = request.body().clone();
    body[member] = value;
    request.clone().json(body)
}

fn usd(amount: i64) -> Value {
    json!({"amount": amount, "currency": "USD"})
}

const REUSED: (u16, &str) = (422, "idempotency-key-reused");

pub(super) fn orders(shop: &Shop) -> Contest {
    let (ann, bob) = (shop.customer(1), shop.customer(2));
    let order = |who: &Person| {
        let order = ask::place(who, "key", &[("mug", 2), ("pen", 3)]);
        with(&order, "shipping_address", address("Oxford"))
    };
    let line = |field: &str, value: Value| {
        let mut changed = order(&ann).body().clone();
        changed["items"][0][field] = value;
        order(&ann).json(changed)
    };
    Contest {
        rivals: vec![
            order(&ann),
            line("quantity", json!(3)),
            line("product_id", json!("pen")),
            line("unit_price", usd(ask::PRICE)),
            with(&order(&ann), "shipping_address", address("Cambridge")),
            with(&order(&ann), "shipping_address", Value::Null),
            ask::place(&ann, "key", &[("mug", 2)]),
            ask::buy(&ann, "key", "mug", 2),
        ],
        hopeless: vec![
            line("unit_price", usd(ask::PRICE - 1)),
            line("product_id", json!("cup")),
            ask::place_cart(&ann, "key", &json!(1)),
        ],
        others: vec![order(&bob)],
        refused: REUSED,
    }
}

pub(super) async fn cart_orders(shop: &Shop) -> Contest {
    let (ann, bob) = (shop.customer(1), shop.customer(2));
    for who in [&ann, &bob] {
        shop.must(&ask::put_item(who, "mug", 2)).await;
        shop.must(&ask::put_item(who, "pen", 1)).await;
    }
    let order = |who: &Person| ask::place_cart(who, "key", &json!(2));
    Contest {
        rivals: vec![
            order(&ann),
            with(&order(&ann), "shipping_address", address("Oxford")),
            ask::place(&ann, "key", &[("mug", 2), ("pen", 1)]),
            ask::buy(&ann, "key", "mug", 2),
        ],
        hopeless: vec![with(&order(&ann), "cart_version", json!(1))],
        others: vec![order(&bob)],
        refused: REUSED,
    }
}

pub(super) fn purchases(shop: &Shop) -> Contest {
    let (ann, bob) = (shop.customer(1), shop.customer(2));
    let buy = ask::buy(&ann, "key", "mug", 2);
    Contest {
        rivals: vec![
            buy.clone(),
            with(&buy, "quantity", json!(1)),
            with(&buy, "unit_price", usd(ask::PRICE)),
            with(&buy, "shipping_address", address("Oxford")),
            ask::buy(&ann, "key", "pen", 2),
            ask::place(&ann, "key", &[("mug", 2)]),
        ],
        hopeless: vec![
            with(&buy, "unit_price", usd(ask::PRICE + 1)),
            ask::buy(&ann, "key", "cup", 2),
        ],
        others: vec![ask::buy(&bob, "key", "mug", 2)],
        refused: REUSED,
    }
}

pub(super) fn adjustments(shop: &Shop) -> Contest {
    let (staff, colleague) = (shop.staff(), shop.person(Role::Staff, 7));
    let adjust = ask::adjust(&staff, "key", "mug", 5);
    Contest {
        rivals: vec![
            adjust.clone(),
            with(&adjust, "delta", json!(6)),
            with(&adjust, "delta", json!(-5)),
            with(&adjust, "reason", json!("found")),
            with(&adjust, "note", json!("behind the shelf")),
        ],
        hopeless: vec![with(&adjust, "delta", json!(-2 * PIECES))],
        others: vec![
            ask::adjust(&colleague, "key", "mug", 5),
            ask::adjust(&staff, "key", "pen", 5),
        ],
        refused: REUSED,
    }
}

pub(super) async fn payments(shop: &Shop) -> Contest {
    let ann = shop.customer(1);
    let mut orders = Vec::new();
    for key in ["one", "two"] {
        let placed = shop.must(&ask::place(&ann, key, &[("mug", 1)])).await;
        orders.push(placed["id"].as_str().unwrap_or_default().to_owned());
    }
    Contest {
        rivals: vec![
            ask::pay(&ann, "key", &orders[0], "tok_ok"),
            ask::pay(&ann, "key", &orders[0], "tok_timeout"),
        ],
        hopeless: vec![ask::pay(&ann, "key", &orders[0], "tok_stolen")],
        others: vec![ask::pay(&ann, "key", &orders[1], "tok_ok")],
        refused: REUSED,
    }
}

/// Steps of an order have no key: there is only one of each.
pub(super) async fn moves(shop: &Shop) -> Contest {
    let (ann, staff) = (shop.customer(1), shop.staff());
    let mut orders = Vec::new();
    for key in ["one", "two"] {
        let placed = shop.must(&ask::place(&ann, key, &[("mug", 1)])).await;
        let order = placed["id"].as_str().unwrap_or_default().to_owned();
        shop.must(&ask::pay(&ann, "pay", &order, "tok_ok")).await;
        orders.push(order);
    }
    let (one, two) = (&orders[0], &orders[1]);
    let rivals = match shop.world().below(2) {
        0 => vec![
            ask::ship(&staff, one),
            with(&ask::ship(&staff, one), "carrier", json!("Ox Cart")),
            with(&ask::ship(&staff, one), "tracking_number", json!("1")),
        ],
        _ => vec![
            ask::refund(&staff, one, true),
            ask::refund(&staff, one, false),
            with(&ask::refund(&staff, one, true), "reason", json!("broken")),
        ],
    };
    Contest {
        rivals,
        hopeless: Vec::new(),
        others: vec![ask::cancel(&ann, two)],
        refused: (409, "invalid-transition"),
    }
}
