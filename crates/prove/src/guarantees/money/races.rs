//! Payments against whatever else may become of an order in the same moment.

use std::{rc::Rc, time::Duration};

use simulation::{Shop, ask};
use tokio::time::sleep;

use super::{
    scenes::{Happened, expect, good_token, in_a_moment, placed, schedule_in_a_moment},
    trouble::Trouble,
};
use crate::{common::joined, ensure};

pub(super) async fn against_expiry(shop: Rc<Shop>, trouble: Trouble) -> Happened {
    let ann = shop.customer(1);
    let order = placed(&shop, &ann).await;
    let expires = shop.checked(|checker| {
        let mut orders = checker.orders().values();
        orders.next().map(|record| record.order.expires_at)
    });
    let left = expires.map_or(0, |at| at.as_millis() - shop.now().as_millis());
    let left = u64::try_from(left).unwrap_or_default();
    sleep(Duration::from_millis(left.saturating_sub(100))).await;
    trouble.begins(&shop);
    let pay = ask::pay(&ann, "pay", &order, good_token(&shop));
    let pay = in_a_moment(&shop, pay, 120);
    let schedule = schedule_in_a_moment(&shop, trouble, 150);
    let reply = joined(pay).await;
    joined(schedule).await;
    expect(&reply, &[200, 410])?;
    Ok(())
}

pub(super) async fn against_cancellation(shop: Rc<Shop>, trouble: Trouble) -> Happened {
    let ann = shop.customer(1);
    let order = placed(&shop, &ann).await;
    trouble.begins(&shop);
    let who = if shop.world().below(2) == 0 {
        shop.staff()
    } else {
        ann.clone()
    };
    let pay = ask::pay(&ann, "pay", &order, good_token(&shop));
    let pay = in_a_moment(&shop, pay, 40);
    let cancel = in_a_moment(&shop, ask::cancel(&who, &order), 60);
    let cancelled = joined(cancel).await;
    joined(pay).await;
    // Whichever came first, what is paid can be cancelled, too.
    expect(&cancelled, &[200])?;
    Ok(())
}

pub(super) async fn against_deletion(shop: Rc<Shop>, trouble: Trouble) -> Happened {
    let ann = shop.customer(1);
    shop.register(&ann).await;
    let order = placed(&shop, &ann).await;
    trouble.begins(&shop);
    let pay = ask::pay(&ann, "pay", &order, good_token(&shop));
    let pay = in_a_moment(&shop, pay, 40);
    let delete = in_a_moment(&shop, ask::delete_user(&ann), 60);
    let (paid, deleted) = (joined(pay).await, joined(delete).await);
    expect(&paid, &[200, 401, 409])?;
    ensure!(
        deleted.status == 204 || deleted.problem() == "open-orders" || deleted.is_to_be_repeated(),
        "deleting was answered {}: {}",
        deleted.status,
        deleted.text
    );
    // Who is gone keeps no order paid for: that is checked when all is over.
    if deleted.status == 204 {
        shop.close().await;
        let status = shop.checked(|checker| {
            let mut orders = checker.orders().values();
            orders.next().map(|record| record.order.status.as_str())
        });
        ensure!(
            status == Some("cancelled"),
            "the account is deleted, its order {status:?}"
        );
    }
    Ok(())
}

pub(super) async fn paid_and_then(shop: Rc<Shop>, trouble: Trouble) -> Happened {
    let ann = shop.customer(1);
    let order = placed(&shop, &ann).await;
    let pay = ask::pay(&ann, "pay", &order, good_token(&shop));
    shop.must(&pay).await;
    trouble.begins(&shop);
    let staff = shop.staff();
    let restock = shop.world().below(2) == 0;
    let again = ask::pay(&ann, "again", &order, "tok_ok");
    let all = [
        ask::cancel(&ann, &order),
        ask::refund(&staff, &order, restock),
        ask::ship(&staff, &order),
        again,
        pay,
    ];
    let all = all.map(|request| in_a_moment(&shop, request, 30));
    for one in all {
        let reply = joined(one).await;
        expect(&reply, &[200, 409])?;
    }
    let rounds: Vec<_> = (0..2)
        .map(|_| schedule_in_a_moment(&shop, trouble, 200))
        .collect();
    for round in rounds {
        joined(round).await;
    }
    Ok(())
}

/// Three people's orders, each paid, called off, shipped and refunded by chance, for some minutes.
pub(super) async fn a_crowd(shop: Rc<Shop>, trouble: Trouble) -> Happened {
    let mut orders = Vec::new();
    for number in 1..=3 {
        let who = shop.customer(number);
        let order = placed(&shop, &who).await;
        orders.push((who, order));
    }
    trouble.begins(&shop);
    let mut all = Vec::new();
    for number in 0..16 {
        let (who, order) = &orders[shop.world().below(3) as usize];
        let key = format!("pay-{}", shop.world().below(4));
        let token = ["tok_ok", "tok_timeout", "tok_declined", "tok_ok"];
        // A key is one request, so its token follows from it.
        let token = token[usize::from(key.as_bytes()[4] - b'0')];
        let request = match shop.world().below(10) {
            0 => ask::cancel(who, order),
            1 => ask::refund(&shop.staff(), order, number % 2 == 0),
            2 => ask::ship(&shop.staff(), order),
            _ => ask::pay(who, &key, order, token),
        };
        all.push(in_a_moment(&shop, request, 300));
        if number % 4 == 0 {
            let settling = schedule_in_a_moment(&shop, trouble, 300);
            joined(settling).await;
        }
        let pause = 1 << shop.world().below(16);
        sleep(Duration::from_millis(pause)).await;
    }
    for one in all {
        joined(one).await;
    }
    Ok(())
}
