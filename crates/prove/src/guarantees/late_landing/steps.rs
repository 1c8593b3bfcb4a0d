//! Steps of orders that return stock: there is one of each, however often it lands.

use std::rc::Rc;

use domain::OrderStatus;
use simulation::{Shop, ask};
use tokio::task::spawn_local;

use super::{Outlasts, What, send};
use crate::{
    Proof, Tally,
    common::{closes, joined, product_id},
    ensure,
};

const PIECES: i64 = 10;

pub(super) async fn run(shop: Rc<Shop>, what: What, outlasts: Outlasts) -> Proof {
    shop.stock("mug", PIECES, 4).await;
    let (ann, staff) = (shop.customer(1), shop.staff());
    let placed = shop.must(&ask::place(&ann, "key", &[("mug", 2)])).await;
    let order = placed["id"].as_str().unwrap_or_default().to_owned();
    let pay = ask::pay(&ann, "pay", &order, "tok_ok");
    let (request, meanwhile, leads_to) = match what {
        What::Cancellation => {
            let cancel = ask::cancel(&ann, &order);
            (cancel, pay, OrderStatus::Cancelled)
        }
        _ => {
            shop.must(&pay).await;
            let refund = ask::refund(&staff, &order, true);
            (refund, ask::ship(&staff, &order), OrderStatus::Refunded)
        }
    };
    let late = Rc::new(send(&shop, &request, outlasts).await?);
    let mut tally = Tally::new().with("late writes", 1);
    if shop.world().below(2) == 0 {
        let reply = shop.call(&meanwhile).await;
        let too_late = reply.problem() == "invalid-transition" && late.told.is_success();
        ensure!(
            reply.is_success() || too_late,
            "{meanwhile} was answered {}: {}",
            reply.status,
            reply.text
        );
        tally.count("steps that came between", u64::from(reply.is_success()));
    }
    let repeats = (0..4).map(|_| {
        let (shop, late, request) = (shop.clone(), late.clone(), request.clone());
        spawn_local(async move {
            late.some_moment(&shop).await;
            shop.call(&request).await
        })
    });
    let repeats: Vec<_> = repeats.collect();
    for reply in repeats {
        let reply = joined(reply).await;
        // Whatever came between, this could be done all the time: nobody may be told that it can't.
        ensure!(
            reply.is_success() || reply.status == 503,
            "{request} was answered {}: {}",
            reply.status,
            reply.text
        );
        tally.count("repeats answered", u64::from(reply.is_success()));
    }
    late.landed(&shop).await;
    shop.must(&request).await;
    let times = shop.checked(|checker| {
        let history = checker.orders().values().flat_map(|it| &it.order.history);
        history.filter(|entry| entry.status == leads_to).count()
    });
    ensure!(times == 1, "it was {} {times} times", leads_to.as_str());
    let mug = product_id("mug");
    let level = shop.checked(|checker| checker.available(&mug));
    ensure!(
        level == PIECES,
        "{level} pieces are there again of {PIECES}"
    );
    closes(&shop).await?;
    Ok(tally)
}
