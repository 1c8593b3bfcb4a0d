//! Offers under fire: price, title, activity and buckets of products change while hundreds buy them.

mod cut_short;
mod fire;
mod sales;
mod staff;

use std::{rc::Rc, time::Duration};

use adversary::Faults;
use domain::{IdempotencyKey, OrderId};
use simulation::{Call, Request, Shop, ask, ask::PRICE};
use tokio::task::spawn_local;

use self::{fire::Fire, sales::Sales};
use crate::{
    Guarantee, Proof, Run,
    common::{closes, joined},
    ensure,
    load::offer_while,
};

pub(super) const GUARANTEE: Guarantee = Guarantee {
    name: "offers",
    claim: "While price, title, activity and buckets of products change at 300 orders a second, every change completes; once \
            it was answered nobody buys at an older offer; an order is at one valid offer of each product, and at the price \
            that its shopper was quoted or not at all. A change cut short is finished by the stream or the next buyer.",
    fast: 20,
    full: 500,
    run,
};

/// Orders a second while a change is begun or was just answered, and otherwise as long as the staff are at work.
const RATE: f64 = 300.0;
const BETWEEN: f64 = 30.0;
/// How long after the last change there are orders.
const AFTERWARDS: Duration = Duration::from_millis(300);
/// Carts that are filled before anything changes; every so many orders one is ordered.
const CARTS: u64 = 12;
const EVERY: u64 = 40;

fn run(run: &Run) -> Proof {
    let case = run.case(&[0, 1, 2, 3]);
    run.in_a_shop(async |shop| match case {
        0 => under_fire(shop, ["mug", "pen"]).await,
        // Two of the staff change one product at once.
        1 => under_fire(shop, ["mug", "mug"]).await,
        2 => cut_short::finished_by_the_stream(shop).await,
        _ => cut_short::finished_by_the_next_buyer(shop).await,
    })
}

async fn under_fire(shop: Rc<Shop>, changed: [&'static str; 2]) -> Proof {
    let sales = Sales::watch(&shop);
    shop.stock("mug", 3000, 12).await;
    shop.stock("pen", 900, 4).await;
    let carts = carts(&shop).await;
    shop.set_faults(Faults::all());
    shop.set_mortality(0.01);
    let fire = Fire::default();
    let staff = (0..).zip(changed).map(|(number, product)| {
        let alone = changed[0] != changed[1];
        let (shop, sales, fire) = (shop.clone(), sales.clone(), fire.clone());
        spawn_local(staff::works(shop, sales, fire, number, product, alone))
    });
    let staff: Vec<_> = staff.collect();
    let rate = |_| {
        if staff.iter().any(|one| !one.is_finished()) {
            fire.keep_until(shop.elapsed() + AFTERWARDS, BETWEEN);
        }
        fire.rate(shop.elapsed())
    };
    let load = offer_while(&shop, rate, true, |number| order(&shop, &carts, number));
    let load = load.await;
    let mut puts = Vec::new();
    for one in staff {
        puts.extend(joined(one).await?);
    }
    closes(&shop).await?;
    // What was late has landed by now.
    let mut tally = sales.agree_with(&shop, &puts)?;
    for (number, call) in (0..).zip(&load.calls) {
        let quoted = call.request.body()["items"][0]["unit_price"]["amount"].as_i64();
        // A cart is a quote, too.
        let quoted = quoted.or_else(|| cart_of(number).map(|_| PRICE));
        let paid = sales.price_of(&order_id(&shop, number));
        ensure!(
            quoted.is_none() || paid.is_none() || quoted == paid,
            "{} was placed at {paid:?}",
            call.request
        );
    }
    let ordered =
        |(number, call): &(u64, &Call)| cart_of(*number).is_some() && call.reply.is_success();
    let carts = (0..).zip(&load.calls).filter(ordered).count();
    tally.count("carts ordered at their own price", carts as u64);
    tally.add(&sales::told_the_truth(&shop)?);
    staff::as_wished(&shop, &puts)?;
    sales.all_rolled(&shop)?;
    Ok(tally.with("changes", puts.len() as u64).with(
        "tries it took",
        puts.iter().map(|put| put.tries as u64).sum(),
    ))
}

/// Carts that were filled before anything changes, by their versions.
async fn carts(shop: &Shop) -> Vec<serde_json::Value> {
    let mut versions = Vec::new();
    for number in (0..CARTS).map(|cart| cart * EVERY + 7) {
        let put = ask::put_item(&shop.customer(number), "mug", 1);
        versions.push(shop.must(&put).await["version"].clone());
    }
    versions
}

/// The cart that is ordered by the order with this number, if it is one's turn.
fn cart_of(number: u64) -> Option<usize> {
    let turn = (number % EVERY == 7).then_some(number / EVERY)?;
    (turn < CARTS).then_some(turn as usize)
}

/// The orders of a run: most want what there is at any price.
fn order(shop: &Shop, carts: &[serde_json::Value], number: u64) -> Request {
    let (who, key) = (shop.customer(number), key(number));
    if let Some(version) = cart_of(number).and_then(|cart| carts.get(cart)) {
        return ask::place_cart(&who, &key, version);
    }
    match number % 10 {
        // More than any bucket holds.
        0 if number.is_multiple_of(100) => ask::place(&who, &key, &[("mug", 99)]),
        0 => ask::place(&who, &key, &[("pen", 2)]),
        1 | 2 => ask::place(&who, &key, &[("mug", 1), ("pen", 1)]),
        3 => ask::place_at(&who, &key, "mug", 1, sales::price_now(shop, "mug")),
        4 => ask::place_at(&who, &key, "mug", 1, PRICE),
        5 => ask::buy(&who, &key, "mug", 1),
        _ => ask::place(&who, &key, &[("mug", 1)]),
    }
}

fn key(number: u64) -> String {
    format!("order-{number}")
}

fn order_id(shop: &Shop, number: u64) -> OrderId {
    let key = IdempotencyKey::parse(&key(number)).unwrap_or_else(|| unreachable!("a key"));
    OrderId::of(&shop.customer(number).caller.id, &key)
}
