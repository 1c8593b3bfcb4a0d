//! What happens in a shop until there is something to tell of.

use std::{rc::Rc, time::Duration};

use serde_json::json;
use simulation::{Person, Shop, ask};
use tokio::{task::spawn_local, time::sleep};

use crate::{
    Tally, Violation,
    common::{UNTIL_ALL_IS_OVER, joined},
    ensure,
};

/// The products, and in how many buckets each lies.
const PRODUCTS: [(&str, u8); 3] = [("mug", 1), ("pen", 4), ("cup", 2)];

/// Customers whose doings are told afterwards, and those who come while that is done.
const CUSTOMERS: u64 = 8;
const LATER: u64 = 5;

/// Customers, of whom a third can be written to, order and pay, staff adjust stock and change offers, one of them not to the
/// end. Nothing goes wrong here: it is what comes after that is looked at.
pub(super) async fn happens(shop: &Rc<Shop>) -> Result<Tally, Violation> {
    for (product, buckets) in PRODUCTS {
        shop.stock(product, 200, buckets).await;
    }
    // Those who come later have their accounts by now.
    for number in 0..CUSTOMERS + LATER {
        let customer = shop.customer(number);
        match number % 3 {
            0 => shop.register_verified(&customer).await,
            1 => shop.register(&customer).await,
            _ => {}
        }
    }
    let mut customers = Vec::new();
    for number in 0..CUSTOMERS {
        customers.push(spawn_local(buys(shop.clone(), number)));
        sleep(Duration::from_millis(shop.world().below(60))).await;
        if number % 4 == 3 {
            let (product, _) = wanted(shop);
            let key = format!("adjust-{number}");
            shop.must(&ask::adjust(&shop.staff(), &key, product, -1))
                .await;
        }
    }
    let change = |price| {
        ask::put_product(
            &shop.staff(),
            "pen",
            price,
            json!({"title": "pen", "stock_buckets": 6}),
        )
    };
    let changed = shop.ask(&change(1300)).await;
    ensure!(
        changed.is_success(),
        "a change was answered {}",
        changed.text
    );
    let life = 4 + shop.world().below(12);
    shop.call_with_life(&change(1400), Some(life)).await;
    for customer in customers {
        joined(customer).await?;
    }
    sleep(UNTIL_ALL_IS_OVER).await;
    let settled = shop.settle().await;
    sleep(Duration::from_secs(61)).await;
    shop.settle().await;
    let expired = settled["expired"].as_u64().unwrap_or_default();
    Ok(Tally::new().with("expired", expired))
}

/// More customers come, and now things go wrong.
pub(super) async fn goes_on(shop: &Rc<Shop>) -> Result<(), Violation> {
    let mut customers = Vec::new();
    for number in CUSTOMERS..CUSTOMERS + LATER {
        customers.push(spawn_local(buys(shop.clone(), number)));
        sleep(Duration::from_millis(shop.world().below(400))).await;
    }
    for customer in customers {
        joined(customer).await?;
    }
    Ok(())
}

fn wanted(shop: &Shop) -> (&'static str, u8) {
    shop.world().pick(&PRODUCTS)
}

/// Orders something, now and then more than a bucket holds, and makes of it one of all that an order can become.
async fn buys(shop: Rc<Shop>, number: u64) -> Result<(), Violation> {
    let (who, (first, _), (second, _)) = (shop.customer(number), wanted(&shop), wanted(&shop));
    let many = if number.is_multiple_of(7) { 60 } else { 2 };
    let order = ask::place(&who, "order", &[(first, 1), (second, many)]);
    let reply = shop.ask(&order).await;
    if reply.problem() == "out-of-stock" {
        return Ok(());
    }
    ensure!(reply.status == 201, "{order}: {}", reply.text);
    let id = reply.json()["id"].as_str().unwrap_or_default().to_owned();
    sleep(Duration::from_millis(shop.world().below(300))).await;
    becomes_something(&shop, &who, &id).await
}

async fn becomes_something(shop: &Shop, who: &Person, order: &str) -> Result<(), Violation> {
    let dice = shop.world().below(8);
    let staff = shop.staff();
    let steps = match dice {
        0 => vec![],
        1 => vec![ask::cancel(who, order)],
        _ => vec![ask::pay(who, "pay", order, "tok_ok")],
    };
    let then = match dice {
        0..4 => vec![],
        4 => vec![ask::cancel(who, order)],
        5 => vec![ask::refund(&staff, order, true)],
        6 => vec![
            ask::ship(&staff, order),
            ask::deliver(&staff, order),
            ask::refund(&staff, order, false),
        ],
        _ => vec![ask::ship(&staff, order), ask::deliver(&staff, order)],
    };
    for step in steps.into_iter().chain(then) {
        let reply = shop.ask(&step).await;
        ensure!(reply.is_success(), "{step}: {}", reply.text);
    }
    Ok(())
}
