//! The functions without a route.

use std::{rc::Rc, time::Duration};

use adversary::{Meddling, Sent};
use serde_json::json;
use simulation::{
    Items, Shop,
    ask::{self, PRICE},
};
use store::links::Purpose;
use tokio::time::sleep;

use super::{
    UNTIL_ALL_IS_OVER, accounts,
    deed::{Deed, Scene},
    payments::{a_charge_that_was_not_made, an_order, closed, times},
    products::of_mug,
};
use crate::{ensure, ledger};

pub(super) const SCENES: &[Scene] = &[
    Scene {
        name: "settle-orders with an order that expires",
        set: |shop| Box::pin(expiring(shop)),
    },
    Scene {
        name: "settle-orders with a charge whose outcome nobody knows",
        set: |shop| Box::pin(finding_out(shop)),
    },
    Scene {
        name: "settle-orders with a charge that was never made",
        set: |shop| Box::pin(closing(shop)),
    },
    Scene {
        name: "settle-orders with a charge of an order that expires",
        set: |shop| Box::pin(finding_out_too_late(shop)),
    },
    Scene {
        name: "settle-orders with money that is owed",
        set: |shop| Box::pin(giving_back(shop)),
    },
    Scene {
        name: "settle-orders with an account that is deleted",
        set: |shop| Box::pin(forgetting(shop)),
    },
    Scene {
        name: "record-stock-movements",
        set: |shop| Box::pin(recording(shop)),
    },
    Scene {
        name: "record-stock-movements with a change of offer that was cut short",
        set: |shop| Box::pin(rolling(shop)),
    },
    Scene {
        name: "send-account-mail",
        set: |shop| Box::pin(sending(shop)),
    },
    Scene {
        name: "publish-order-events",
        set: |shop| Box::pin(publishing(shop)),
    },
    Scene {
        name: "send-order-mail",
        set: |shop| Box::pin(writing_to_the_customer(shop)),
    },
];

/// How long the schedule leaves a charge to whoever makes it.
const GRACE: Duration = Duration::from_secs(31);

async fn expiring(shop: Rc<Shop>) -> Deed {
    let order = an_order(&shop, &shop.customer(1), "placed").await;
    sleep(UNTIL_ALL_IS_OVER).await;
    Deed::settling(move |items| Ok(times(items, &order, "expired")))
}

/// An order that was charged, by a process that could not write that down.
async fn a_charge_that_nobody_knows_of(shop: &Shop) -> String {
    let ann = shop.customer(1);
    let order = an_order(shop, &ann, "placed").await;
    shop.world().meddle(|sent: &Sent<'_>| {
        let fails = sent.operation == "TransactWriteItems";
        fails.then(|| Meddling::Refuse(500, "InternalServerError", json!({})))
    });
    let reply = shop.call(&ask::pay(&ann, "pay", &order, "tok_ok")).await;
    assert_eq!(reply.problem(), "outcome-unknown", "{}", reply.text);
    shop.world().stop_meddling();
    order
}

async fn finding_out(shop: Rc<Shop>) -> Deed {
    let order = a_charge_that_nobody_knows_of(&shop).await;
    sleep(GRACE).await;
    Deed::settling(move |items| Ok(times(items, &order, "paid")))
}

async fn closing(shop: Rc<Shop>) -> Deed {
    let order = a_charge_that_was_not_made(&shop).await;
    sleep(GRACE).await;
    Deed::settling(move |items| closed(items, &order))
}

async fn finding_out_too_late(shop: Rc<Shop>) -> Deed {
    let order = a_charge_that_nobody_knows_of(&shop).await;
    sleep(UNTIL_ALL_IS_OVER).await;
    Deed::settling(move |items| {
        let (expired, paid) = (
            times(items, &order, "expired"),
            times(items, &order, "paid"),
        );
        ensure!(paid == 0, "it expired, and was paid");
        Ok(expired)
    })
}

async fn giving_back(shop: Rc<Shop>) -> Deed {
    let ann = shop.customer(1);
    let order = an_order(&shop, &ann, "paid").await;
    shop.must(&ask::cancel(&ann, &order)).await;
    Deed::settling(move |items| Ok(ledger::account(items, &order).returns()))
}

async fn forgetting(shop: Rc<Shop>) -> Deed {
    let items = Items::of(&shop);
    let deed = accounts::an_account_with_orders(&shop).await;
    cut_short(&shop, &deed, || !items.all("orders", "DELETED#").is_empty()).await;
    let placed = move |items: &Items| {
        let orders = items.all("orders", "ORDER#");
        orders
            .iter()
            .filter(|it| it.text("status") == "placed")
            .count() as u64
    };
    Deed::settling(move |items| Ok(1 - placed(items)))
}

async fn recording(shop: Rc<Shop>) -> Deed {
    an_order(&shop, &shop.customer(1), "placed").await;
    Deed::stream("record-stock-movements", |items| {
        // What came in and what was ordered, in two buckets each.
        let movements = items.all("catalogue", "STOCK#mug\0MOVE#").len();
        let said = of_mug(items, "available");
        ensure!(movements <= 4, "{movements} movements");
        ensure!(
            movements < 4 || said == 1,
            "{said} are said to be available"
        );
        Ok((movements == 4).into())
    })
}

async fn rolling(shop: Rc<Shop>) -> Deed {
    let items = Items::of(&shop);
    shop.stock("mug", 6, 3).await;
    // What came in is told already.
    shop.drain_streams().await;
    let put = ask::put_product(&shop.staff(), "mug", PRICE + 300, json!({}));
    let put = Deed::request(put, &[200], |_| Ok(0));
    cut_short(&shop, &put, || of_mug(&items, "offer_version") == 2).await;
    Deed::stream("record-stock-movements", |items| {
        let buckets = items.all("catalogue", "STOCK#mug#");
        let rolled = buckets
            .iter()
            .all(|it| it.number("offer_version") == Some(2));
        Ok(rolled.into())
    })
}

async fn sending(shop: Rc<Shop>) -> Deed {
    let ann = shop.customer(1);
    shop.register(&ann).await;
    shop.link(&ann, Purpose::VerifyEmail).await;
    Deed::stream("send-account-mail", |items| {
        Ok(items.all("mailbox", "MAIL#").len() as u64)
    })
}

async fn publishing(shop: Rc<Shop>) -> Deed {
    an_order(&shop, &shop.customer(1), "shipped").await;
    Deed::stream("publish-order-events", |items| {
        let events = items.all("bus", "EVENT#").len();
        ensure!(events <= 3, "{events} events");
        Ok((events == 3).into())
    })
}

async fn writing_to_the_customer(shop: Rc<Shop>) -> Deed {
    let ann = shop.customer(1);
    shop.register_verified(&ann).await;
    an_order(&shop, &ann, "placed").await;
    let publish = "publish-order-events";
    let records = shop.records(publish);
    let dealt = shop.deliver(publish, &records).await;
    assert_eq!(dealt, records.len());
    Deed::stream("send-order-mail", |items| {
        let letters = items.all("mailbox", "MAIL#").into_iter();
        let placed = letters.filter(|letter| letter.text("subject") == "We have your order");
        Ok(placed.count() as u64)
    })
}

/// Does something in processes that die ever later, until it has come this far and no further.
async fn cut_short(shop: &Shop, deed: &Deed, so_far: impl Fn() -> bool) {
    let mut life = 0;
    while !so_far() {
        let ended = deed.begin(shop, Some(life)).await;
        assert!(
            ended.waits.is_none(),
            "it was done before it could be cut short"
        );
        sleep(Duration::from_secs(1)).await;
        life += 1;
    }
}
