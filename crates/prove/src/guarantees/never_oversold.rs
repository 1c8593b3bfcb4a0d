//! Never oversold: a shop in full swing, with everything that takes and returns stock.

mod wandering;

use std::{collections::BTreeMap, rc::Rc, time::Duration};

use adversary::Faults;
use domain::ProductId;
use simulation::{Person, Request, Shop, ask};
use tokio::{task::spawn_local, time::sleep};

use crate::{
    Guarantee, Proof, Run, Tally, Violation,
    common::{UNTIL_ALL_IS_OVER, closes, joined, product_id},
    ensure,
};

pub(super) const GUARANTEE: Guarantee = Guarantee {
    name: "never-oversold",
    claim: "Whatever is ordered, cancelled, left to expire, refunded and adjusted at once, after every single write each \
            bucket's pieces add up and are what orders hold, none comes from nowhere, and nobody is told that there are too few while there are \
            enough.",
    fast: 20,
    full: 400,
    run,
};

/// Orders that are tried in a run.
const CHECKOUTS: u64 = 250;
const PRODUCTS: u64 = 50;
const CUSTOMERS: u64 = 40;

fn run(run: &Run) -> Proof {
    run.in_a_shop(async |shop| {
        for number in 0..PRODUCTS {
            let pieces = 2 + shop.world().below(30);
            let buckets = shop.world().pick(&[1, 1, 2, 4, 8]);
            shop.stock(&product(number), pieces as i64, buckets).await;
        }
        let mut tally = wandering::wander(&shop).await?;
        shop.set_faults(Faults::all());
        shop.set_mortality(0.01);
        let mut customers = Vec::new();
        for number in 0..CHECKOUTS {
            // About eighty orders a second, in bursts, and now and then the time after which unpaid ones expire.
            let pause = match shop.world().below(100) {
                0 => UNTIL_ALL_IS_OVER,
                1..20 => Duration::from_millis(shop.world().below(100)),
                _ => Duration::from_millis(shop.world().below(10)),
            };
            sleep(pause).await;
            if number % 25 == 24 {
                customers.push(spawn_local(staff_works(shop.clone(), number)));
            }
            customers.push(spawn_local(one_customer(shop.clone(), number)));
        }
        for customer in customers {
            tally.add(&joined(customer).await?);
        }
        told_the_truth(&shop)?;
        closes(&shop).await?;
        nothing_comes_from_nowhere(&shop).await?;
        let (steps, meter) = (
            shop.checked(|checker| checker.steps()),
            shop.world().meter(),
        );
        Ok(tally
            .with("writes checked", steps)
            .with("conflicts", meter.conflicts))
    })
}

/// Whoever was told that there is too little of a product was told so of a moment at which there was.
fn told_the_truth(shop: &Shop) -> Result<(), Violation> {
    for call in shop.calls() {
        if call.reply.problem() != "out-of-stock" {
            continue;
        }
        let reply = call.reply.json();
        let short: Vec<&str> = reply["items"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|short| short["product_id"].as_str())
            .collect();
        ensure!(
            !short.is_empty(),
            "{} was not told of what there are too few",
            call.request
        );
        for product in short {
            let wanted = wanted_of(&call.request, product);
            let product = product_id(product);
            let fewest = shop.checked(|checker| checker.fewest(&product, call.began, call.ended));
            ensure!(
                fewest < wanted,
                "{} was told that there are too few while there were {fewest} of {product}",
                call.request
            );
        }
    }
    Ok(())
}

/// How many pieces of a product an order asks for.
fn wanted_of(order: &Request, product: &str) -> i64 {
    let lines = order.body()["items"].as_array().into_iter().flatten();
    let of_product = lines.filter(|line| line["product_id"] == product);
    of_product
        .filter_map(|line| line["quantity"].as_i64())
        .sum()
}

/// What came in is what adjustments brought and took, each once, whether its pieces are sold or not.
async fn nothing_comes_from_nowhere(shop: &Shop) -> Result<(), Violation> {
    let calls = shop.calls().into_iter().map(|call| call.request);
    let adjustments = calls.filter(|request| request.operation == "adjust-stock");
    // By their keys, since each was sent until it was answered.
    let adjustments: BTreeMap<String, Request> = adjustments
        .map(|request| (request.to_string(), request))
        .collect();
    let mut expected: BTreeMap<ProductId, i64> = BTreeMap::new();
    for adjustment in adjustments.values() {
        // Was it refused, and has landed since, it says so now.
        let reply = shop.ask(adjustment).await;
        if reply.status == 201 {
            let answer = reply.json();
            let product = product_id(answer["product_id"].as_str().unwrap_or_default());
            *expected.entry(product).or_default() += answer["delta"].as_i64().unwrap_or_default();
        }
    }
    for (product, expected) in expected {
        let received = shop.checked(|checker| checker.received(&product));
        ensure!(
            received == expected,
            "{received} pieces of {product} came in, and adjustments brought {expected}"
        );
    }
    Ok(())
}

fn product(number: u64) -> String {
    format!("p{number}")
}

/// Demand is skewed: three lines in five are of a fifth of the products.
fn wanted(shop: &Shop) -> String {
    let of = if shop.world().below(2) == 0 {
        PRODUCTS / 5
    } else {
        PRODUCTS
    };
    product(shop.world().below(of))
}

/// Somebody orders up to three products, and then pays, calls it off, or forgets about it.
async fn one_customer(shop: Rc<Shop>, number: u64) -> Proof {
    let who = shop.customer(shop.world().below(CUSTOMERS));
    let lines = 1 + shop.world().below(3);
    let items: Vec<(String, u32)> = (0..lines)
        .map(|_| (wanted(&shop), 1 + shop.world().below(3) as u32))
        .collect();
    let items: Vec<(&str, u32)> = items.iter().map(|(id, q)| (id.as_str(), *q)).collect();
    let key = format!("order-{number}");
    let placed = shop.ask(&ask::place(&who, &key, &items)).await;
    let mut tally = Tally::new().with("checkouts", 1);
    if placed.problem() == "out-of-stock" {
        return Ok(tally.with("sold out", 1));
    }
    ensure!(
        placed.status == 201,
        "an order was answered {}: {}",
        placed.status,
        placed.text
    );
    tally.count("orders", 1);
    let order = placed.json()["id"].as_str().unwrap_or_default().to_owned();
    sleep(Duration::from_millis(shop.world().below(2000))).await;
    match shop.world().below(10) {
        0 | 1 => tally.count("left unpaid", 1),
        2 | 3 => {
            let cancelled = shop.ask(&ask::cancel(&who, &order)).await;
            tally.count("cancelled", u64::from(cancelled.is_success()));
        }
        _ => tally.add(&pays(&shop, &who, &order).await),
    }
    Ok(tally)
}

async fn pays(shop: &Shop, who: &Person, order: &str) -> Tally {
    let mut tally = Tally::new();
    let token = ["tok_ok", "tok_ok", "tok_ok", "tok_timeout", "tok_declined"];
    let token = shop.world().pick(&token);
    let paid = shop.ask(&ask::pay(who, "pay", order, token)).await;
    if !paid.is_success() {
        return tally;
    }
    tally.count("paid", 1);
    sleep(Duration::from_millis(shop.world().below(2000))).await;
    let restock = shop.world().below(2) == 0;
    let next = match shop.world().below(6) {
        0 => ask::cancel(who, order),
        1 | 2 => ask::refund(&shop.staff(), order, restock),
        3 => ask::ship(&shop.staff(), order),
        _ => return tally,
    };
    let done = shop.ask(&next).await;
    tally.count(
        "cancelled, refunded or shipped when paid",
        u64::from(done.is_success()),
    );
    tally
}

/// A delivery comes in or pieces go missing, and the schedule comes by.
async fn staff_works(shop: Rc<Shop>, number: u64) -> Proof {
    let delta = shop.world().below(12) as i64 - 4;
    let delta = if delta == 0 { 20 } else { delta };
    let adjust = ask::adjust(
        &shop.staff(),
        &format!("adjust-{number}"),
        &wanted(&shop),
        delta,
    );
    let adjusted = shop.ask(&adjust).await;
    let expected = adjusted.status == 201 || adjusted.problem() == "insufficient-stock";
    ensure!(
        expected,
        "an adjustment was answered {}: {}",
        adjusted.status,
        adjusted.text
    );
    let settled = shop.settle().await;
    let expired = settled["expired"].as_u64().unwrap_or_default();
    Ok(Tally::new().with("adjustments", 1).with("expired", expired))
}
