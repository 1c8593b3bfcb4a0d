//! Placing orders.

use std::rc::Rc;

use serde_json::json;
use simulation::{Item, Items, Request, Shop, ask};

use super::deed::{Deed, Scene};
use crate::{Violation, ensure};

pub(super) const SCENES: &[Scene] = &[
    Scene {
        name: "buy-product",
        set: |shop| Box::pin(buying(shop)),
    },
    Scene {
        name: "buy-product of the last pieces of all buckets",
        set: |shop| Box::pin(buying_the_last(shop)),
    },
    Scene {
        name: "place-order for two products, in a process that knows them",
        set: |shop| Box::pin(placing(shop)),
    },
    Scene {
        name: "place-order of a cart",
        set: |shop| Box::pin(placing_a_cart(shop)),
    },
    Scene {
        name: "place-order of so much that stock is gathered",
        set: |shop| Box::pin(gathering(shop)),
    },
];

/// An order that the first customer makes, and no other.
fn an_order(request: Request) -> Deed {
    let who = request.caller().map(|it| it.caller.id.to_string());
    let deed = Deed::request(request, &[201], move |items| {
        let orders = items.all("orders", "ORDER#");
        let theirs = |order: &&Item| Some(order.text("customer")) == who.as_deref();
        let orders: Vec<&Item> = orders.iter().filter(theirs).collect();
        ensure!(
            orders.iter().all(|it| it.text("status") == "placed"),
            "an order is not placed"
        );
        Ok(orders.len() as u64)
    });
    deed.with_key()
}

async fn buying(shop: Rc<Shop>) -> Deed {
    shop.stock("mug", 6, 1).await;
    an_order(ask::buy(&shop.customer(1), "buy", "mug", 2))
}

async fn buying_the_last(shop: Rc<Shop>) -> Deed {
    shop.stock("mug", 8, 4).await;
    an_order(ask::buy(&shop.customer(1), "buy", "mug", 8))
}

async fn placing(shop: Rc<Shop>) -> Deed {
    shop.stock("mug", 6, 1).await;
    shop.stock("pen", 9, 3).await;
    let both = [("mug", 2), ("pen", 1)];
    shop.must(&ask::place(&shop.customer(2), "before", &both))
        .await;
    an_order(ask::place(&shop.customer(1), "place", &both))
}

async fn placing_a_cart(shop: Rc<Shop>) -> Deed {
    let ann = shop.customer(1);
    shop.stock("mug", 6, 1).await;
    shop.stock("pen", 9, 3).await;
    shop.must(&ask::put_item(&ann, "mug", 2)).await;
    shop.must(&ask::put_item(&ann, "pen", 1)).await;
    let deed = an_order(ask::place_cart(&ann, "place", &json!(2)));
    let cart = format!("CART#{}", ann.caller.id);
    deed.and_also(move |items, done| {
        let cart = items.get("carts", &cart);
        let state = cart.as_ref().map_or("", |cart| cart.text("state"));
        let expected = if done == 0 { "open" } else { "placed" };
        ensure!(
            state == expected,
            "the cart is {state:?} after {done} orders"
        );
        Ok(())
    })
}

async fn gathering(shop: Rc<Shop>) -> Deed {
    // A hundred buckets hold a piece each, and a transaction has room for 98.
    shop.stock("mug", 64, 64).await;
    shop.stock("pen", 36, 36).await;
    let all = [("mug", 64), ("pen", 36)];
    let deed = an_order(ask::place(&shop.customer(1), "place", &all));
    deed.and_also(|items: &Items, done| {
        let buckets = items.all("catalogue", "STOCK#");
        let available = buckets.iter().filter_map(|it| it.number("available"));
        let left = available.sum::<i64>();
        ensure!(
            left == 100 - 100 * done as i64,
            "{left} pieces are left after {done} orders"
        );
        Ok::<(), Violation>(())
    })
}
