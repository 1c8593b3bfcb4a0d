//! Staff who change what products are and what they cost.

use std::{rc::Rc, time::Duration};

use serde_json::json;
use simulation::{Shop, ask, ask::PRICE};
use tokio::time::sleep;

use super::{
    fire::Fire,
    sales::{self, Sales},
};
use crate::{Violation, ensure};

/// How often each of the staff changes a product in a run.
const CHANGES: u64 = 4;
/// For how long orders come fast from the moment on in which a change is asked for, and in which it is answered.
const BEFORE: Duration = Duration::from_millis(250);
const AFTER: Duration = Duration::from_millis(100);

/// A change that was answered.
pub(super) struct Put {
    /// Which product's.
    pub(super) product: &'static str,
    wish: Wish,
    /// The offer's version with it.
    pub(super) version: u64,
    /// When it was answered.
    pub(super) ended: Duration,
    /// How often it was asked for until it was answered for good.
    pub(super) tries: usize,
    /// Whether nobody else changed the product.
    alone: bool,
}

/// What a product is to be.
#[derive(Clone, Debug, PartialEq)]
struct Wish {
    price: i64,
    title: String,
    active: bool,
    buckets: u8,
}

/// One of the staff changes a product several times, each time when the change before was answered.
pub(super) async fn works(
    shop: Rc<Shop>,
    sales: Sales,
    fire: Fire,
    number: i64,
    product: &'static str,
    alone: bool,
) -> Result<Vec<Put>, Violation> {
    let mut wish = Wish {
        price: PRICE,
        title: product.to_owned(),
        active: true,
        buckets: sales::now(&shop, product)?.buckets,
    };
    let mut puts = Vec::new();
    for change in 0..CHANGES {
        sleep(Duration::from_millis(shop.world().below(150))).await;
        wish.next(&shop, number, change, alone);
        let mut more = json!({"title": wish.title, "active": wish.active});
        // What is left out stays as it is.
        if change.is_multiple_of(2) || !alone {
            more["stock_buckets"] = json!(wish.buckets);
        }
        let request = ask::put_product(&shop.staff(), product, wish.price, more);
        let asked = shop.calls().len();
        fire.blaze(shop.elapsed(), BEFORE);
        let reply = shop.ask(&request).await;
        let ended = shop.elapsed();
        fire.blaze(ended, AFTER);
        let told = reply.json();
        ensure!(
            reply.status == 200 && wish.is(&told),
            "{request} was answered {}",
            reply.text
        );
        let version = wish.version(&shop, product, ended)?;
        let oldest = sales.oldest_offer(product);
        ensure!(
            oldest >= version,
            "{request} was answered while a bucket still sold at offer {oldest} and not {version}"
        );
        let name = request.to_string();
        let tries = shop.calls().into_iter().skip(asked);
        puts.push(Put {
            product,
            wish: wish.clone(),
            version,
            ended,
            tries: tries
                .filter(|call| call.request.to_string() == name)
                .count(),
            alone,
        });
    }
    Ok(puts)
}

/// Products that only one of the staff changed are as they were wished last.
pub(super) fn as_wished(shop: &Shop, puts: &[Put]) -> Result<(), Violation> {
    for put in puts.iter().filter(|put| put.alone) {
        let last = puts.iter().rfind(|other| other.product == put.product);
        let wish = last.map_or(&put.wish, |last| &last.wish);
        let now = sales::now(shop, put.product)?;
        let is = Wish {
            price: now.price.amount,
            title: now.title,
            active: now.active,
            buckets: now.buckets,
        };
        ensure!(
            *wish == is,
            "{} should be {wish:?} at last, and is {is:?}",
            put.product
        );
    }
    Ok(())
}

impl Wish {
    fn next(&mut self, shop: &Shop, number: i64, change: u64, alone: bool) {
        let unique = 10 * i64::try_from(change).unwrap_or_default() + number;
        // What is not for sale comes back soon, and is for sale at last.
        self.active = true;
        let last = change + 1 == CHANGES;
        match shop.world().below(4) {
            // Now and then the first price comes back, at another version.
            0 if shop.world().below(3) == 0 => self.price = PRICE,
            0 => self.price = PRICE + 1 + unique,
            1 => self.title = format!("title {unique}"),
            2 => self.active = last,
            _ => {}
        }
        if change.is_multiple_of(2) || !alone {
            self.buckets = shop.world().pick(&[8, 10, 12, 14]);
        }
        if !alone {
            // By which this change is known from the other's.
            self.title = format!("title {unique}");
        }
    }

    /// Whether an answer shows it.
    fn is(&self, told: &serde_json::Value) -> bool {
        told["price"]["amount"] == self.price
            && told["title"] == self.title
            && told["active"] == self.active
            && told["stock_buckets"] == self.buckets
    }

    /// The version that the offer got with it.
    fn version(&self, shop: &Shop, product: &str, by: Duration) -> Result<u64, Violation> {
        let was = sales::history(shop, product);
        let same = was.iter().rev().find(|(since, product)| {
            *since <= by
                && (product.price.amount, &product.title, product.active)
                    == (self.price, &self.title, self.active)
        });
        let same = same
            .ok_or_else(|| Violation(format!("{product} never was {self:?}, as was answered")))?;
        Ok(same.1.offer_version)
    }
}
