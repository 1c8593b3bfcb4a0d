//! Attempts at paying, one after the other or at once.

use std::{rc::Rc, time::Duration};

use simulation::{Shop, ask};
use tokio::time::sleep;

use super::{
    scenes::{Happened, any_token, expect, good_token, in_a_moment, placed, schedule_in_a_moment},
    trouble::Trouble,
};
use crate::{Violation, common::joined, ensure};

pub(super) async fn paying(shop: Rc<Shop>, trouble: Trouble) -> Happened {
    let ann = shop.customer(1);
    let order = placed(&shop, &ann).await;
    trouble.begins(&shop);
    let pay = ask::pay(&ann, "pay", &order, good_token(&shop));
    let reply = joined(in_a_moment(&shop, pay.clone(), 1)).await;
    expect(&reply, &[200])?;
    // A minute later, when the schedule has been by, or never.
    if shop.world().below(2) == 0 {
        sleep(Duration::from_secs(35)).await;
        joined(schedule_in_a_moment(&shop, trouble, 5000)).await;
        let reply = shop.ask(&pay).await;
        ensure!(reply.status == 200, "then {}: {}", reply.status, reply.text);
    }
    Ok(())
}

pub(super) async fn two_keys(shop: Rc<Shop>, trouble: Trouble) -> Happened {
    let ann = shop.customer(1);
    let order = placed(&shop, &ann).await;
    trouble.begins(&shop);
    let keys = ["one", "two", "three"];
    let pays: Vec<_> = keys[..2 + shop.world().below(2) as usize]
        .iter()
        .map(|key| in_a_moment(&shop, ask::pay(&ann, key, &order, any_token(&shop)), 20))
        .collect();
    for pay in pays {
        let reply = joined(pay).await;
        expect(&reply, &[200, 402, 409])?;
    }
    Ok(())
}

pub(super) async fn declined_then_paid(shop: Rc<Shop>, trouble: Trouble) -> Happened {
    let ann = shop.customer(1);
    let order = placed(&shop, &ann).await;
    trouble.begins(&shop);
    let declined = ask::pay(&ann, "declined", &order, "tok_declined");
    let calls = || shop.world().meter().requests("PutItem");
    for again in [false, true] {
        let before = calls();
        let reply = shop.ask(&declined).await;
        ensure!(reply.status == 402, "{}: {}", reply.status, reply.text);
        let called = calls() > before;
        ensure!(
            !(again && called && trouble == Trouble::Races),
            "the provider was asked again for what was declined"
        );
    }
    let reply = shop
        .ask(&ask::pay(&ann, "paid", &order, good_token(&shop)))
        .await;
    ensure!(reply.status == 200, "{}: {}", reply.status, reply.text);
    let reply = shop.ask(&declined).await;
    ensure!(
        reply.status == 402,
        "what was declined is then {}: {}",
        reply.status,
        reply.text
    );
    Ok(())
}

pub(super) async fn unreachable(shop: Rc<Shop>, trouble: Trouble) -> Happened {
    let ann = shop.customer(1);
    let order = placed(&shop, &ann).await;
    trouble.begins(&shop);
    for key in ["one", "one", "two"] {
        let pay = ask::pay(&ann, key, &order, "tok_unreachable");
        let reply = shop.call(&pay).await;
        ensure!(
            reply.is_to_be_repeated() || reply.problem() == "payment-pending",
            "{}: {}",
            reply.status,
            reply.text
        );
    }
    // A process that died may leave a charge that nobody knows of, until the schedule comes by and hears from the provider.
    // What it asks is lost at most so many times in a row; eight waits are five minutes, and the order lives for fifteen.
    for _ in 0..8 {
        let pay = ask::pay(&ann, "three", &order, good_token(&shop));
        let reply = shop.ask(&pay).await;
        if reply.status == 200 {
            return Ok(());
        }
        ensure!(
            reply.problem() == "payment-pending" && trouble != Trouble::Races,
            "{}: {}",
            reply.status,
            reply.text
        );
        sleep(Duration::from_secs(35)).await;
        shop.settle().await;
    }
    Err(Violation(
        "what nobody was charged for can't be paid".into(),
    ))
}

pub(super) async fn eleven_charges(shop: Rc<Shop>, trouble: Trouble) -> Happened {
    let ann = shop.customer(1);
    let order = placed(&shop, &ann).await;
    trouble.begins(&shop);
    for number in 0..10 {
        let key = format!("declined-{number}");
        let pay = ask::pay(&ann, &key, &order, "tok_declined");
        let reply = shop.ask(&pay).await;
        ensure!(reply.status == 402, "{}: {}", reply.status, reply.text);
    }
    let pay = ask::pay(&ann, "eleventh", &order, "tok_ok");
    let reply = shop.ask(&pay).await;
    let told = (reply.problem(), reply.json()["order_status"].clone());
    ensure!(
        told.0 == "invalid-transition" && told.1 == "placed",
        "the eleventh was answered {}: {}",
        reply.status,
        reply.text
    );
    Ok(())
}
