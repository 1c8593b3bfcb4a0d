//! One shopper, with several tabs or with one.

use std::rc::Rc;

use simulation::{Person, Shop, ask};

use super::{PRODUCTS, Pieces, at_last, pieces, storm, winner};
use crate::{Proof, Tally, common::closes, ensure};

/// Two tabs order the cart under two keys while a third changes it. Then the cart is filled and ordered again.
pub(super) async fn two_keys(shop: Rc<Shop>) -> Proof {
    let ann = shop.customer(1);
    shop.must(&ask::put_item(&ann, "a", 1)).await;
    let seen = shop.must(&ask::put_item(&ann, "b", 2)).await;
    let (version, was) = (&seen["version"], pieces(&[("a", 1), ("b", 2)]));
    storm(&shop);
    let change = shop.world().below(4);
    let orders = [
        ask::place_cart(&ann, "tab-1", version),
        ask::place_cart(&ann, "tab-2", version),
    ];
    let mut requests = orders.to_vec();
    requests.extend(match change {
        0 => None,
        1 => Some(ask::put_item(&ann, "a", 5)),
        2 => Some(ask::put_item(&ann, "c", 3)),
        _ => Some(ask::remove_item(&ann, "b")),
    });
    let replies = shop.ask_at_once(requests).await;
    let (ordered, changed) = replies.split_at(orders.len());
    let winner = winner(&shop, ordered)?;
    ensure!(
        winner.is_some() || change != 0,
        "nobody got the order: {ordered:?}"
    );
    // Whatever changes the cart gives it another version. So an order is of what its tab saw, and all else stays.
    let mut left = if winner.is_some() {
        Pieces::new()
    } else {
        was.clone()
    };
    match change {
        0 => {}
        1 => drop(left.insert("a".to_owned(), 5)),
        2 => drop(left.insert("c".to_owned(), 3)),
        _ => drop(left.remove("b")),
    }
    for reply in changed {
        ensure!(
            reply.status == 200,
            "a change of the cart was answered {}",
            reply.text
        );
    }
    if let Some(order) = winner {
        ensure!(
            order.pieces() == was,
            "{was:?} was ordered, and the order is {}",
            order.text
        );
    }
    again(&shop, &ann, left).await?;
    for (request, first) in orders.iter().zip(ordered) {
        let repeated = shop.ask(request).await;
        ensure!(
            first.status != 201 || (&first.text, true) == (&repeated.text, repeated.replayed),
            "an order was answered {}, and again {}",
            first.text,
            repeated.text
        );
    }
    let left = at_last(&shop, &ann).await?;
    ensure!(
        left.is_empty(),
        "{left:?} is in the cart, all of which was ordered"
    );
    closes(&shop).await?;
    let won = u64::from(winner.is_some());
    Ok(Tally::new()
        .with("carts ordered from two tabs", won)
        .with("changed before they were ordered", 1 - won))
}

/// A cart whose order was placed, or was not, is filled and ordered.
async fn again(shop: &Shop, who: &Person, mut expected: Pieces) -> Proof {
    expected.insert("d".to_owned(), 1);
    let put = shop.ask(&ask::put_item(who, "d", 1)).await;
    ensure!(
        put.pieces() == expected,
        "{expected:?} should be in the cart, which is {}",
        put.text
    );
    let order = ask::place_cart(who, "again", &put.json()["version"]);
    let order = shop.ask(&order).await;
    ensure!(
        order.status == 201 && order.pieces() == expected,
        "{expected:?} was ordered, and answered {}",
        order.text
    );
    Ok(Tally::new())
}

/// Several tabs put and remove at once, in a cart that is new, filled or ordered.
pub(super) async fn all_at_once(shop: Rc<Shop>) -> Proof {
    let ann = shop.customer(1);
    let state = shop.world().below(3);
    if state > 0 {
        let seen = shop.must(&ask::put_item(&ann, "b", 1)).await;
        if state > 1 {
            let order = ask::place_cart(&ann, "before", &seen["version"]);
            shop.must(&order).await;
        }
    }
    storm(&shop);
    let requests = vec![
        ask::put_item(&ann, "a", 1),
        ask::put_item(&ann, "a", 2),
        ask::put_item(&ann, "c", 3),
        ask::put_item(&ann, "d", 4),
        ask::remove_item(&ann, "b"),
        ask::remove_item(&ann, "b"),
    ];
    let replies = shop.ask_at_once(requests.clone()).await;
    for (request, reply) in requests.iter().zip(&replies) {
        ensure!(reply.status == 200, "{request}: {}", reply.text);
    }
    for (reply, product) in replies.iter().zip(["a", "a", "c", "d"]) {
        ensure!(
            reply.pieces().contains_key(product),
            "{product} was put and is not in {}",
            reply.text
        );
    }
    let left = at_last(&shop, &ann).await?;
    let either = [1, 2].map(|first| pieces(&[("a", first), ("c", 3), ("d", 4)]));
    ensure!(either.contains(&left), "the cart holds {left:?}");
    closes(&shop).await?;
    Ok(Tally::new().with("changes at once", requests.len() as u64))
}

/// One tab does one thing after another, each when the one before was answered. Nothing of what arrives late shows.
pub(super) async fn one_after_another(shop: Rc<Shop>) -> Proof {
    const CHANGES: u64 = 12;
    let ann = shop.customer(1);
    storm(&shop);
    let mut cart = Pieces::new();
    let (mut version, mut orders) = (serde_json::Value::Null, 0);
    for number in 0..CHANGES {
        let product = shop.world().pick(&PRODUCTS);
        let dice = shop.world().below(10);
        if dice == 0 && !cart.is_empty() {
            let order = ask::place_cart(&ann, &format!("order-{number}"), &version);
            let reply = shop.ask(&order).await;
            ensure!(
                reply.status == 201 && reply.pieces() == cart,
                "{cart:?} was ordered, and answered {}",
                reply.text
            );
            cart.clear();
            orders += 1;
            continue;
        }
        let change = if dice < 4 {
            cart.remove(product);
            ask::remove_item(&ann, product)
        } else {
            // Few different quantities, so that lines often become what they were before.
            let quantity = 1 + shop.world().below(2);
            cart.insert(product.to_owned(), quantity);
            ask::put_item(&ann, product, quantity as u32)
        };
        let reply = shop.ask(&change).await;
        ensure!(
            reply.status == 200 && reply.pieces() == cart,
            "{change} should leave {cart:?}, and was answered {}",
            reply.text
        );
        version = reply.json()["version"].clone();
    }
    let left = at_last(&shop, &ann).await?;
    ensure!(
        left == cart,
        "{cart:?} should be left in the cart, and {left:?} is"
    );
    closes(&shop).await?;
    Ok(Tally::new()
        .with("changes one after another", CHANGES)
        .with("carts ordered in between", orders))
}
