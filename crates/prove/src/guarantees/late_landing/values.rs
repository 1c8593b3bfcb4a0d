//! Products and carts: what is put has no key, and is repeated by putting it again. A late one must not undo what was
//! answered since.

use std::rc::Rc;

use serde_json::json;
use simulation::{
    Person, Request, Shop,
    ask::{self, PRICE},
};

use super::{Outlasts, What, send};
use crate::{
    Proof, Tally,
    common::{closes, product_id},
    ensure,
};

pub(super) async fn run(shop: Rc<Shop>, what: What, outlasts: Outlasts) -> Proof {
    for product in ["mug", "pen"] {
        shop.stock(product, 10, 1).await;
    }
    let ann = shop.customer(1);
    let there_before = what == What::RemovedItem || shop.world().below(2) == 0;
    let cart_before = shop.world().below(2) == 0;
    if what != What::Product {
        for (product, there) in [("pen", cart_before), ("mug", there_before)] {
            if there {
                shop.must(&ask::put_item(&ann, product, 1)).await;
            }
        }
    }
    let request = match what {
        What::Product => put_late(&shop),
        What::CartItem => ask::put_item(&ann, "mug", 2),
        _ => ask::remove_item(&ann, "mug"),
    };
    let late = send(&shop, &request, outlasts).await?;
    let mut tally = Tally::new().with("late writes", 1);
    // A change of another line does not say that this one is not to come any more; its own repeat does.
    if what != What::Product || late.told.is_success() || shop.world().below(2) == 0 {
        shop.must(&request).await;
    }
    for _ in 0..=shop.world().below(3) {
        let later = match what {
            What::Product => put_later(&shop),
            _ => change_cart(&shop, &ann).await,
        };
        let reply = shop.ask(&later).await;
        // There may be nothing in the cart to be ordered.
        let expected = reply.is_success() || reply.problem() == "empty-cart";
        ensure!(expected, "{later}: {}", reply.text);
        tally.count("later changes answered before it landed", 1);
    }
    let before = state(&shop, what, &ann).await;
    ensure!(shop.elapsed() < late.lands, "it was not late");
    late.landed(&shop).await;
    let after = state(&shop, what, &ann).await;
    ensure!(
        before == after,
        "there was {before}, and then {request} landed: {after}"
    );
    shop.must(&request).await;
    closes(&shop).await?;
    Ok(tally)
}

async fn state(shop: &Shop, what: What, who: &Person) -> String {
    if what != What::Product {
        return shop.ask(&ask::cart(who)).await.text;
    }
    let mug = product_id("mug");
    shop.checked(|checker| format!("{:?}", checker.history_of(&mug).last()))
}

fn put_late(shop: &Shop) -> Request {
    let put = |price, more| ask::put_product(&shop.staff(), "mug", price, more);
    match shop.world().below(3) {
        0 => put(PRICE + 1, json!({})),
        1 => put(PRICE, json!({"description": "late"})),
        _ => put(PRICE, json!({"active": false})),
    }
}

fn put_later(shop: &Shop) -> Request {
    let put = |price, more| ask::put_product(&shop.staff(), "mug", price, more);
    match shop.world().below(4) {
        0 => put(PRICE + 2, json!({})),
        1 => put(PRICE, json!({"description": "new"})),
        2 => put(PRICE, json!({"stock_buckets": 3})),
        _ => put(PRICE, json!({"active": true})),
    }
}

/// What may come between a write to a line and its landing: other quantities, the same as before, none, other lines, and
/// everything ordered.
async fn change_cart(shop: &Shop, who: &Person) -> Request {
    match shop.world().below(5) {
        0 => ask::put_item(who, "mug", 5),
        1 => ask::put_item(who, "mug", 1),
        2 => ask::remove_item(who, "mug"),
        3 => ask::put_item(who, "pen", 1),
        _ => {
            let version = shop.must(&ask::cart(who)).await["version"].clone();
            ask::place_cart(who, &format!("order-{version}"), &version)
        }
    }
}
