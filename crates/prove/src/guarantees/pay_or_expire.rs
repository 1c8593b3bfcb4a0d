//! Pay or expire: an order is paid in the very millisecond in which its time is over.

use std::{rc::Rc, time::Duration};

use adversary::Faults;
use domain::{
    OrderStatus::{self, Expired, Paid, Placed},
    Timestamp,
};
use simulation::{Items, Shop, ask};
use tokio::{task::spawn_local, time::sleep};

use crate::{
    Guarantee, Proof, Run, Tally, Violation,
    common::{closes, joined},
    ledger, leftovers,
};

pub(super) const GUARANTEE: Guarantee = Guarantee {
    name: "pay-or-expire",
    claim: "Of a payment and an expiry in the same millisecond one wins, the customer is told which, and the money is kept \
            or given back accordingly.",
    fast: 200,
    full: 10_000,
    run,
};

fn run(run: &Run) -> Proof {
    let (token, clocks_differ) = run.case(&[
        ("tok_ok", true),
        ("tok_timeout", true),
        ("tok_ok", false),
        ("tok_timeout", false),
    ]);
    run.in_a_shop(async |shop: Rc<Shop>| {
        let items = Items::of(&shop);
        shop.stock("mug", 1, 1).await;
        let buyer = shop.customer(1);
        let order = shop.must(&ask::place(&buyer, "order", &[("mug", 1)])).await;
        let id = order["id"].as_str().unwrap_or_default().to_owned();
        let expires_at = expires_at(&shop);
        shop.set_mortality(0.1);
        if clocks_differ {
            shop.set_faults(Faults::all());
            shop.sleep_until(expires_at).await;
        } else {
            let skew = Duration::ZERO;
            shop.set_faults(Faults {
                skew,
                ..Faults::all()
            });
            // So that it is on the way at that moment.
            let before = Timestamp::from_millis(expires_at.as_millis() - 12);
            shop.sleep_until(before).await;
            sleep(Duration::from_millis(shop.world().below(14))).await;
        }
        let paying = {
            let (shop, pay) = (shop.clone(), ask::pay(&buyer, "pay", &id, token));
            spawn_local(async move { shop.ask(&pay).await })
        };
        let settling = {
            let shop = shop.clone();
            spawn_local(async move {
                // Before the payment began, between any two of its steps, or after.
                sleep(Duration::from_millis(shop.world().below(60))).await;
                shop.settle().await
            })
        };
        let paid = joined(paying).await;
        joined(settling).await;
        closes(&shop).await?;
        leftovers::none(&items)?;
        let history: Vec<OrderStatus> = shop.checked(|checker| {
            let orders = checker.orders().values();
            let entries = orders.flat_map(|record| &record.order.history);
            entries.map(|entry| entry.status).collect()
        });
        let told = (paid.status, paid.problem());
        match (history.as_slice(), paid.status) {
            ([Placed, Paid], 200) => Ok(Tally::new().with("paid", 1)),
            ([Placed, Expired], 410) => Ok(Tally::new().with("expired", 1).with(
                "charged and given back",
                ledger::account(&items, &id).returns(),
            )),
            _ => Err(Violation(format!(
                "the order was {history:?}, its customer told {told:?}"
            ))),
        }
    })
}

/// When the only order expires.
fn expires_at(shop: &Shop) -> Timestamp {
    let found = shop.checked(|checker| {
        let mut orders = checker.orders().values();
        orders.next().map(|record| record.order.expires_at)
    });
    found.unwrap_or(Timestamp::from_millis(0))
}
