//! Carts.

use std::rc::Rc;

use domain::Role;
use serde_json::json;
use simulation::{Item, Items, Person, Shop, ask};

use super::deed::{Deed, Scene};
use crate::ensure;

pub(super) const SCENES: &[Scene] = &[
    Scene {
        name: "put-cart-item into a new cart",
        set: |shop| Box::pin(putting_the_first(shop)),
    },
    Scene {
        name: "put-cart-item in place of another quantity",
        set: |shop| Box::pin(putting_more(shop)),
    },
    Scene {
        name: "put-cart-item into a cart that was ordered",
        set: |shop| Box::pin(opening_again(shop)),
    },
    Scene {
        name: "remove-cart-item",
        set: |shop| Box::pin(removing(shop)),
    },
    Scene {
        name: "merge-cart",
        set: |shop| Box::pin(merging(shop)),
    },
];

fn cart(items: &Items, who: &Person) -> Option<Item> {
    items.get("carts", &format!("CART#{}", who.caller.id))
}

/// How many pieces of a product are in somebody's open cart; none if there is no line of it.
fn pieces(items: &Items, who: &Person, product: &str) -> Option<u64> {
    let cart = cart(items, who)?;
    let line = cart.json(&format!("line:{product}"));
    line["quantity"]
        .as_u64()
        .filter(|_| cart.text("state") == "open")
}

async fn putting_the_first(shop: Rc<Shop>) -> Deed {
    let ann = shop.customer(1);
    shop.stock("mug", 6, 1).await;
    Deed::request(ask::put_item(&ann, "mug", 3), &[200], move |items| {
        let there = cart(items, &ann).is_some();
        let pieces = pieces(items, &ann, "mug");
        ensure!(
            pieces == there.then_some(3),
            "there is a cart: {there}; it holds {pieces:?}"
        );
        Ok(there.into())
    })
}

async fn putting_more(shop: Rc<Shop>) -> Deed {
    let ann = shop.customer(1);
    shop.stock("mug", 6, 1).await;
    shop.must(&ask::put_item(&ann, "mug", 1)).await;
    Deed::request(
        ask::put_item(&ann, "mug", 3),
        &[200],
        move |items| match pieces(items, &ann, "mug") {
            Some(1) => Ok(0),
            Some(3) => Ok(1),
            other => Err(crate::Violation(format!("the cart holds {other:?}"))),
        },
    )
}

async fn opening_again(shop: Rc<Shop>) -> Deed {
    let ann = shop.customer(1);
    shop.stock("mug", 6, 1).await;
    shop.stock("pen", 6, 1).await;
    shop.must(&ask::put_item(&ann, "mug", 1)).await;
    shop.must(&ask::place_cart(&ann, "place", &json!(1))).await;
    Deed::request(ask::put_item(&ann, "pen", 3), &[200], move |items| {
        let cart = cart(items, &ann);
        let cart = cart.as_ref();
        let (state, version) =
            cart.map_or(("", None), |it| (it.text("state"), it.number("version")));
        let holds = |product| pieces(items, &ann, product);
        match (state, holds("mug"), holds("pen")) {
            ("placed", _, _) => Ok(0),
            ("open", None, Some(3)) if version > Some(1) => Ok(1),
            other => Err(crate::Violation(format!("version {version:?}, {other:?}"))),
        }
    })
}

async fn removing(shop: Rc<Shop>) -> Deed {
    let ann = shop.customer(1);
    shop.stock("mug", 6, 1).await;
    shop.stock("pen", 6, 1).await;
    shop.must(&ask::put_item(&ann, "mug", 1)).await;
    shop.must(&ask::put_item(&ann, "pen", 2)).await;
    Deed::request(ask::remove_item(&ann, "mug"), &[200], move |items| {
        let pens = pieces(items, &ann, "pen");
        ensure!(pens == Some(2), "of what was to stay there are {pens:?}");
        Ok(pieces(items, &ann, "mug").is_none().into())
    })
}

async fn merging(shop: Rc<Shop>) -> Deed {
    let (ann, guest) = (shop.customer(1), shop.person(Role::Guest, 1));
    shop.stock("mug", 6, 1).await;
    shop.stock("pen", 6, 1).await;
    shop.must(&ask::put_item(&ann, "mug", 1)).await;
    shop.must(&ask::put_item(&guest, "mug", 2)).await;
    shop.must(&ask::put_item(&guest, "pen", 3)).await;
    let merge = ask::merge(&ann, &shop.token(&guest));
    Deed::request(merge, &[200], move |items| {
        let holds = |product| pieces(items, &ann, product);
        let of_guest = cart(items, &guest);
        let of_guest = of_guest.as_ref().map_or("", |cart| cart.text("state"));
        match (of_guest, holds("mug"), holds("pen")) {
            ("open", Some(1), None) => Ok(0),
            ("merged", Some(3), Some(3)) => Ok(1),
            other => Err(crate::Violation(format!(
                "the guest's cart, mugs and pens: {other:?}"
            ))),
        }
    })
}
