//! Paying orders, and what becomes of them then.

use std::rc::Rc;

use adversary::{Meddling, Sent};
use domain::IdempotencyKey;
use serde_json::{Value, json};
use simulation::{Items, Person, Request, Shop, ask};
use tokio::time::sleep;

use super::deed::{Deed, Scene};
use crate::{Violation, common::UNTIL_ALL_IS_OVER, ensure, ledger, sent::of_provider};

pub(super) const SCENES: &[Scene] = &[
    Scene {
        name: "pay-order",
        set: |shop| Box::pin(paying(shop, "tok_ok")),
    },
    Scene {
        name: "pay-order when the provider's answer is lost",
        set: |shop| Box::pin(paying(shop, "tok_timeout")),
    },
    Scene {
        name: "pay-order when the provider declines",
        set: |shop| Box::pin(being_declined(shop)),
    },
    Scene {
        name: "pay-order by a further key of an order that is paid",
        set: |shop| Box::pin(paying_again(shop)),
    },
    Scene {
        name: "pay-order of an order that expired before it was charged",
        set: |shop| Box::pin(paying_too_late(shop)),
    },
    Scene {
        name: "cancel-order of an unpaid order",
        set: |shop| {
            Box::pin(moving_on(shop, "placed", "cancelled", |who, id| {
                ask::cancel(who, id)
            }))
        },
    },
    Scene {
        name: "cancel-order of a paid order",
        set: |shop| {
            Box::pin(moving_on(shop, "paid", "cancelled", |who, id| {
                ask::cancel(who, id)
            }))
        },
    },
    Scene {
        name: "ship-order",
        set: |shop| {
            Box::pin(moving_on(shop, "paid", "shipped", |who, id| {
                ask::ship(who, id)
            }))
        },
    },
    Scene {
        name: "deliver-order",
        set: |shop| {
            Box::pin(moving_on(shop, "shipped", "delivered", |who, id| {
                ask::deliver(who, id)
            }))
        },
    },
    Scene {
        name: "refund-order with its pieces back",
        set: |shop| {
            Box::pin(moving_on(shop, "paid", "refunded", |who, id| {
                ask::refund(who, id, true)
            }))
        },
    },
    Scene {
        name: "refund-order without its pieces",
        set: |shop| {
            Box::pin(moving_on(shop, "shipped", "refunded", |who, id| {
                ask::refund(who, id, false)
            }))
        },
    },
];

/// An order of pieces of two buckets, brought as far as this status. Gives its id.
pub(super) async fn an_order(shop: &Shop, who: &Person, status: &str) -> String {
    shop.stock("mug", 6, 2).await;
    let placed = shop.must(&ask::place(who, "place", &[("mug", 5)])).await;
    let order = placed["id"].as_str().unwrap_or_default().to_owned();
    if status != "placed" {
        shop.must(&ask::pay(who, "pay", &order, "tok_ok")).await;
    }
    if status == "shipped" {
        shop.must(&ask::ship(&shop.staff(), &order)).await;
    }
    order
}

/// How often an order reached a status.
pub(super) fn times(items: &Items, order: &str, status: &str) -> u64 {
    let item = items.get("orders", &format!("ORDER#{order}"));
    let history = item.map(|item| item.json("history")).unwrap_or_default();
    let entries = history.as_array().into_iter().flatten();
    let reached = |entry: &&Value| entry["status"] == status;
    entries.filter(reached).count() as u64
}

async fn paying(shop: Rc<Shop>, token: &str) -> Deed {
    let ann = shop.customer(1);
    let order = an_order(&shop, &ann, "placed").await;
    let deed = Deed::request(ask::pay(&ann, "pay", &order, token), &[200], move |items| {
        let (paid, account) = (times(items, &order, "paid"), ledger::account(items, &order));
        let (charges, returns) = (account.charges(), account.returns());
        ensure!(
            (charges, returns) == (paid, 0),
            "paid {paid} times, charged {charges} times, given back {returns} times"
        );
        Ok(paid)
    });
    deed.with_key()
}

async fn being_declined(shop: Rc<Shop>) -> Deed {
    let ann = shop.customer(1);
    let order = an_order(&shop, &ann, "placed").await;
    let pay = ask::pay(&ann, "pay", &order, "tok_declined");
    let deed = Deed::request(pay, &[402], move |items| {
        let charges = ledger::account(items, &order).charges();
        ensure!(charges == 0, "what was declined was charged");
        let answers = items.all("orders", &format!("IDEM#pay-order#{order}#"));
        let declined = answers.iter().filter(|it| it.number("status") == Some(402));
        Ok(declined.count() as u64)
    });
    deed.with_key()
}

async fn paying_again(shop: Rc<Shop>) -> Deed {
    let ann = shop.customer(1);
    let order = an_order(&shop, &ann, "paid").await;
    let again = ask::pay(&ann, "again", &order, "tok_ok");
    let key = IdempotencyKey::parse("again").unwrap_or_else(|| unreachable!("a key"));
    let key = key.digest();
    let deed = Deed::request(again, &[200], move |items| {
        let charges = ledger::account(items, &order).charges();
        ensure!(charges == 1, "charged {charges} times");
        let answer = items.get("orders", &format!("IDEM#pay-order#{order}#{key}"));
        let noted = items.get("orders", &format!("ORDER#{order}"));
        let noted = noted.is_some_and(|order| order.has(&format!("paid_again_by:{key}")));
        ensure!(
            noted == answer.is_some(),
            "the key stands on the order: {noted}; its answer is {answer:?}"
        );
        Ok(noted.into())
    });
    deed.with_key()
}

async fn paying_too_late(shop: Rc<Shop>) -> Deed {
    let order = a_charge_that_was_not_made(&shop).await;
    sleep(UNTIL_ALL_IS_OVER).await;
    let pay = ask::pay(&shop.customer(1), "pay", &order, "tok_ok");
    Deed::request(pay, &[410], move |items| closed(items, &order))
}

/// An order with a charge that was never made, by a process that could not reach the provider. Gives its id.
pub(super) async fn a_charge_that_was_not_made(shop: &Shop) -> String {
    let ann = shop.customer(1);
    let order = an_order(shop, &ann, "placed").await;
    let refused = || Meddling::Refuse(500, "InternalServerError", json!({}));
    shop.world()
        .meddle(move |sent: &Sent<'_>| of_provider(sent).then(refused));
    let reply = shop.call(&ask::pay(&ann, "pay", &order, "tok_ok")).await;
    assert_eq!(reply.problem(), "outcome-unknown", "{}", reply.text);
    shop.world().stop_meddling();
    order
}

/// How often a charge that was not made was closed for good.
pub(super) fn closed(items: &Items, order: &str) -> Result<u64, Violation> {
    let charges = ledger::account(items, order).charges();
    ensure!(charges == 0, "it was charged {charges} times");
    let lines = items.all("provider", &format!("CHARGE#{order}#"));
    let closed = lines.iter().filter(|line| line.text("state") == "closed");
    Ok(closed.count() as u64)
}

async fn moving_on(
    shop: Rc<Shop>,
    from: &'static str,
    to: &'static str,
    request: fn(&Person, &str) -> Request,
) -> Deed {
    let ann = shop.customer(1);
    let order = an_order(&shop, &ann, from).await;
    let who = if to == "cancelled" { ann } else { shop.staff() };
    Deed::request(request(&who, &order), &[200], move |items| {
        Ok(times(items, &order, to))
    })
}
