//! Overload: far more is asked for than can be done, everything fails, or nothing is answered.

use std::{rc::Rc, time::Duration};

use adversary::{Faults, Meddling};
use domain::Role;
use serde_json::json;
use simulation::{Shop, account::PASSWORD, ask, stream::CONSUMERS};

use crate::{Guarantee, Proof, Run, Tally, common::closes, ensure, load::offer, sent::writes};

pub(super) const GUARANTEE: Guarantee = Guarantee {
    name: "overload",
    claim: "At ten times what one hot product can bear, at least 70 % of the best goodput remain, everybody else gets a \
            fast 503, and a request costs at most 1.5 attempts. When everything fails, retries add at most a fifth. When nothing is \
            answered, functions answer before their deadlines.",
    fast: 9,
    full: 27,
    run,
};

/// For how long each load is offered by which the knee is found, and in the first runs the storm.
const DURING: Duration = Duration::from_secs(3);

/// For how long the storm lasts in later runs.
const LONGER: Duration = Duration::from_secs(60);

/// What a shopper takes for an answer at once.
const FAST: Duration = Duration::from_millis(1500);

fn run(run: &Run) -> Proof {
    run.in_a_shop(async |shop| match run.case(&[0, 1, 2]) {
        0 => ten_times_the_knee(shop, storm_of(run)).await,
        1 => everything_fails(shop).await,
        _ => nothing_is_answered(shop).await,
    })
}

fn storm_of(run: &Run) -> Duration {
    if run.number < GUARANTEE.fast {
        DURING
    } else {
        LONGER
    }
}

async fn ten_times_the_knee(shop: Rc<Shop>, storm: Duration) -> Proof {
    shop.stock("mug", 1_000_000, 1).await;
    shop.set_faults(Faults {
        key_units: Some(1000),
        ..Faults::none()
    });
    let (mut knee, mut peak) = (0.0, 0.0);
    for rate in [20.0, 40.0, 60.0, 80.0, 120.0] {
        let order = |number| {
            let key = format!("{rate}-{number}");
            ask::place(&shop.customer(number), &key, &[("mug", 1)])
        };
        let load = offer(&shop, rate, DURING, false, order).await;
        if load.goodput() > peak {
            (knee, peak) = (rate, load.goodput());
        }
    }
    let order = |number| ask::place(&shop.customer(number), "storm", &[("mug", 1)]);
    let storm = offer(&shop, 10.0 * knee, storm, false, order).await;
    for call in &storm.calls {
        let (reply, took) = (&call.reply, call.ended - call.began);
        let busy = reply.status == 503 && reply.problem() == "busy";
        ensure!(
            reply.status == 201 || busy,
            "answered {}: {}",
            reply.status,
            reply.text
        );
        ensure!(took <= FAST, "{} was answered after {took:?}", call.request);
    }
    let (goodput, attempts) = (storm.goodput(), storm.attempts());
    ensure!(
        goodput >= 0.7 * peak,
        "{goodput:.1} orders/s remain of {peak:.1}/s, at {:.0}/s offered",
        10.0 * knee
    );
    ensure!(attempts <= 1.5, "a request costs {attempts:.2} attempts");
    closes(&shop).await?;
    Ok(Tally::new()
        .with("orders in the storm", storm.with_status(201) as u64)
        .with("fast 503", storm.with_status(503) as u64))
}

async fn everything_fails(shop: Rc<Shop>) -> Proof {
    /// Requests after which a process has no retries left: the SDK allows itself a hundred.
    const UNTIL_SPENT: u64 = 60;
    const MEASURED: u64 = 200;
    shop.stock("mug", 100, 1).await;
    let order = |number| ask::place(&shop.customer(number), "failing", &[("mug", 1)]);
    shop.world()
        .meddle(|_| Some(Meddling::Refuse(500, "InternalServerError", json!({}))));
    let mut before = 0;
    for number in 0..UNTIL_SPENT + MEASURED {
        if number == UNTIL_SPENT {
            before = shop.world().meter().refused;
        }
        let reply = shop.call(&order(number)).await;
        ensure!(
            reply.status == 503,
            "answered {}: {}",
            reply.status,
            reply.text
        );
    }
    let calls = shop.world().meter().refused - before;
    ensure!(
        calls as f64 <= 1.2 * MEASURED as f64,
        "{calls} calls for {MEASURED} requests that all fail"
    );
    closes(&shop).await?;
    Ok(Tally::new().with("requests while everything fails", MEASURED))
}

async fn nothing_is_answered(shop: Rc<Shop>) -> Proof {
    shop.stock("mug", 100, 4).await;
    let (ann, staff) = (shop.customer(1), shop.staff());
    let placed = shop.must(&ask::place(&ann, "before", &[("mug", 1)])).await;
    let order = placed["id"].as_str().unwrap_or_default();
    shop.must(&ask::put_item(&ann, "mug", 1)).await;
    let guest = shop.token(&shop.person(Role::Guest, 1));
    let requests = [
        ask::list_products(),
        ask::product("mug"),
        ask::orders(&ann),
        ask::movements(&staff, "mug"),
        ask::profile(&ann),
        ask::register("ann@example.com", PASSWORD),
        ask::log_in("ann@example.com", PASSWORD),
        ask::request_password_reset("ann@example.com"),
        ask::request_email_verification(&shop.token(&ann)),
        ask::delete_user(&ann),
        ask::merge(&ann, &guest),
        ask::deliver(&staff, order),
        ask::place(&ann, "hanging", &[("mug", 1)]),
        ask::buy(&ann, "hanging-too", "mug", 1),
        ask::place_cart(&ann, "hanging-cart", &json!(1)),
        ask::pay(&ann, "pay", order, "tok_ok"),
        ask::cancel(&ann, order),
        ask::ship(&staff, order),
        ask::refund(&staff, order, true),
        ask::order(&ann, order),
        ask::cart(&ann),
        ask::put_item(&ann, "mug", 2),
        ask::remove_item(&ann, "mug"),
        ask::put_product(&staff, "mug", 1300, json!({})),
        ask::adjust(&staff, "hanging", "mug", 1),
        ask::stock(&staff, "mug"),
    ];
    let records = CONSUMERS.map(|operation| (operation, shop.records(operation)));
    // Nothing at all is answered, and then no write is.
    for reads_are in [false, true] {
        shop.world()
            .meddle(move |sent| (!reads_are || writes(sent)).then_some(Meddling::LoseRequest));
        for request in &requests {
            let began = shop.elapsed();
            let reply = shop.call(request).await;
            let (took, timeout) = (shop.elapsed() - began, shop.timeout(request.operation));
            // By what is read something may be answered, or refused.
            ensure!(
                reply.status == 503 || reads_are,
                "{request}: {}",
                reply.text
            );
            ensure!(
                took < timeout,
                "{request} was answered after {took:?}, its deadline is {timeout:?}"
            );
        }
        // Those without a route have an answer, too, before their deadline.
        let (_, waits) = shop.settle_with_life(None).await;
        ensure!(waits.is_some(), "settle-orders ran out of time");
        for (operation, records) in &records {
            let delivered = shop.deliver_with_life(operation, records, None).await;
            ensure!(delivered.1.is_some(), "{operation} ran out of time");
        }
    }
    closes(&shop).await?;
    Ok(Tally::new().with("requests while nothing is answered", requests.len() as u64))
}
