//! Products and their stock.

use std::rc::Rc;

use serde_json::json;
use simulation::{
    Item, Items, Shop,
    ask::{self, PRICE},
};

use super::deed::{Deed, Scene};
use crate::ensure;

pub(super) const SCENES: &[Scene] = &[
    Scene {
        name: "put-product of a new product",
        set: |shop| Box::pin(a_new_product(shop)),
    },
    Scene {
        name: "put-product with another price",
        set: |shop| Box::pin(another_price(shop)),
    },
    Scene {
        name: "put-product with another price, and somebody buys",
        set: |shop| Box::pin(another_price_and_a_buyer(shop)),
    },
    Scene {
        name: "put-product with more buckets",
        set: |shop| Box::pin(more_buckets(shop)),
    },
    Scene {
        name: "adjust-stock of what comes in",
        set: |shop| Box::pin(a_delivery(shop)),
    },
    Scene {
        name: "adjust-stock of what is lost",
        set: |shop| Box::pin(a_loss(shop)),
    },
];

/// The buckets of the mug.
fn buckets(items: &Items) -> Vec<Item> {
    items.all("catalogue", "STOCK#mug#")
}

/// A number of the mug's.
pub(super) fn of_mug(items: &Items, name: &str) -> i64 {
    let products = items.all("catalogue", "PRODUCT#mug");
    let mut numbers = products.iter().filter_map(|product| product.number(name));
    numbers.next().unwrap_or_default()
}

async fn a_new_product(shop: Rc<Shop>) -> Deed {
    let put = ask::put_product(&shop.staff(), "mug", PRICE, json!({"stock_buckets": 3}));
    Deed::request(put, &[201, 200], |items| {
        let products = items.all("catalogue", "PRODUCT#").len();
        let buckets = buckets(items).len();
        ensure!(buckets == 3 * products, "it has {buckets} buckets");
        Ok(products as u64)
    })
}

async fn another_price(shop: Rc<Shop>) -> Deed {
    shop.stock("mug", 6, 3).await;
    let put = ask::put_product(&shop.staff(), "mug", PRICE + 300, json!({}));
    Deed::request(put, &[200], |items| {
        let (price, version) = (of_mug(items, "price"), of_mug(items, "offer_version"));
        ensure!(
            price == PRICE + 300 * (version - 1),
            "offer {version} is at {price}"
        );
        for order in items.all("orders", "ORDER#") {
            let bought_at = &order.json("answer")["items"][0]["unit_price"]["amount"];
            ensure!(
                bought_at == price,
                "it costs {price} and was then sold at {bought_at}"
            );
        }
        Ok(version.abs_diff(1))
    })
}

async fn another_price_and_a_buyer(shop: Rc<Shop>) -> Deed {
    let deed = another_price(shop.clone()).await;
    // Whoever comes by finishes what was begun, or sells at the old offer if nothing was.
    deed.and_next(ask::buy(&shop.customer(1), "next", "mug", 1))
}

async fn more_buckets(shop: Rc<Shop>) -> Deed {
    shop.stock("mug", 6, 1).await;
    let put = ask::put_product(&shop.staff(), "mug", PRICE, json!({"stock_buckets": 4}));
    Deed::request(put, &[200], |items| {
        let (said, are) = (of_mug(items, "buckets_ever"), buckets(items).len());
        ensure!(
            said == are as i64,
            "it has {are} buckets, said to be {said}"
        );
        Ok((said == 4).into())
    })
}

async fn a_delivery(shop: Rc<Shop>) -> Deed {
    shop.stock("mug", 6, 3).await;
    adjusting(&shop, 9)
}

async fn a_loss(shop: Rc<Shop>) -> Deed {
    shop.stock("mug", 12, 3).await;
    adjusting(&shop, -9)
}

fn adjusting(shop: &Shop, delta: i64) -> Deed {
    let adjust = ask::adjust(&shop.staff(), "adjust", "mug", delta);
    let before = if delta > 0 { 6 } else { 12 };
    let deed = Deed::request(adjust, &[201], move |items| {
        let received = buckets(items)
            .into_iter()
            .filter_map(|it| it.number("received"));
        let change = received.sum::<i64>() - before;
        ensure!(change % delta == 0, "{change} pieces more than before");
        Ok((change / delta).unsigned_abs())
    });
    deed.with_key()
}
