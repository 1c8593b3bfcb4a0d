//! A hot product: thousands want one product, which lies in many buckets.

use std::{rc::Rc, time::Duration};

use adversary::Faults;
use simulation::{Shop, ask};

use crate::{
    Guarantee, Proof, Run, Tally,
    common::{closes, product_id},
    ensure,
    load::offer,
};

pub(super) const GUARANTEE: Guarantee = Guarantee {
    name: "hot-product",
    claim: "Of 1,000 orders a second for one product in 32 buckets warm functions place 99.9 % at once; the last pieces of all \
            buckets sell; an order for more than any bucket holds succeeds while the sum suffices; and when all is sold, \
            being told so costs no write units.",
    fast: 3,
    full: 60,
    run,
};

const BUCKETS: u8 = 32;

fn run(run: &Run) -> Proof {
    run.in_a_shop(async |shop| match run.case(&[0, 1, 2]) {
        0 => {
            let (during, least) = rush_of(run);
            a_thousand_a_second(shop, during, least).await
        }
        1 => down_to_the_last_piece(shop).await,
        _ => more_than_a_bucket_holds(shop).await,
    })
}

/// Nothing goes wrong but what the load brings about.
fn faults() -> Faults {
    Faults {
        key_units: Some(1000),
        ..Faults::none()
    }
}

/// For how long it is in demand, and which share succeeds at once at the least. Orders that fail come in clusters, as buyers
/// do, so of the few in the first runs somewhat more may.
fn rush_of(run: &Run) -> (Duration, f64) {
    if run.number < GUARANTEE.fast {
        (Duration::from_secs(5), 0.997)
    } else {
        (Duration::from_secs(12), 0.999)
    }
}

async fn a_thousand_a_second(shop: Rc<Shop>, during: Duration, least: f64) -> Proof {
    shop.stock("mug", 1_000_000, BUCKETS).await;
    shop.set_faults(faults());
    // A process that has just started has one retry to spend; from then on it has what it earns.
    let order = |number| ask::place(&shop.customer(number), "warm", &[("mug", 1)]);
    offer(&shop, 1000.0, Duration::from_millis(500), false, order).await;
    let order = |number| ask::place(&shop.customer(number), "hot", &[("mug", 1)]);
    let load = offer(&shop, 1000.0, during, false, order).await;
    let (sold, wanted) = (load.with_status(201), load.calls.len());
    let share = sold as f64 / wanted as f64;
    ensure!(
        share >= least,
        "{sold} of {wanted} orders succeeded, {:.2} %, at {:.2} attempts each",
        share * 100.0,
        load.attempts()
    );
    // Every write was checked; five thousand events and movements are not what this is about.
    let wrong = shop.checked(|checker| checker.violations().to_vec());
    ensure!(wrong.is_empty(), "{wrong:#?}");
    Ok(Tally::new().with("orders at 1,000 a second", sold as u64))
}

async fn down_to_the_last_piece(shop: Rc<Shop>) -> Proof {
    const PIECES: i64 = 400;
    /// An order and a bucket, two each.
    const UNITS_OF_A_TRY: u64 = 4;
    shop.stock("mug", PIECES, BUCKETS).await;
    shop.set_faults(faults());
    let order = |number| ask::place(&shop.customer(number), "hot", &[("mug", 1)]);
    let rush = offer(&shop, 1000.0, Duration::from_millis(600), true, order).await;
    ensure!(
        rush.with_status(201) as i64 == PIECES,
        "{} of {PIECES} pieces were sold to {} buyers",
        rush.with_status(201),
        rush.calls.len()
    );
    let hot = product_id("mug");
    for call in &rush.calls {
        let fewest = shop.checked(|checker| checker.fewest(&hot, call.began, call.ended));
        ensure!(
            call.reply.status == 201 || fewest == 0,
            "{} was answered {} while {fewest} pieces were left",
            call.request,
            call.reply.status
        );
    }
    // Processes that were selling until just now find out by one write each that fails; new ones by what the stream has
    // told the product.
    shop.drain_streams().await;
    let selling = shop.started("place-order");
    let before = shop.world().meter();
    let order = |number| ask::place(&shop.customer(number), "end", &[("mug", 1)]);
    let end = offer(&shop, 3000.0, Duration::from_millis(100), false, order).await;
    let attempts =
        shop.world().meter().requests("TransactWriteItems") - before.requests("TransactWriteItems");
    ensure!(
        attempts <= selling,
        "{selling} processes tried {attempts} times to sell what was gone to {} buyers",
        end.calls.len()
    );
    // From then on it is told by reads alone, but for processes that were idle meanwhile.
    let before = shop.world().meter();
    let order = |number| ask::place(&shop.customer(number), "late", &[("mug", 1)]);
    let late = offer(&shop, 3000.0, Duration::from_millis(300), false, order).await;
    let told = late
        .calls
        .iter()
        .filter(|call| call.reply.problem() == "out-of-stock");
    let (told, tries) = (told.count(), late.calls.len());
    ensure!(
        told == tries,
        "{told} of {tries} were told that all is sold"
    );
    let after = shop.world().meter();
    let spent = after.write_units - before.write_units;
    let late = after.requests("TransactWriteItems") - before.requests("TransactWriteItems");
    ensure!(
        attempts + late <= selling && spent <= UNITS_OF_A_TRY * late,
        "telling {tries} that all is sold took {spent} write units in {late} tries, after {attempts} of {selling} processes"
    );
    closes(&shop).await?;
    Ok(Tally::new()
        .with("last pieces sold", PIECES as u64)
        .with("told afterwards", told as u64))
}

async fn more_than_a_bucket_holds(shop: Rc<Shop>) -> Proof {
    shop.stock("mug", i64::from(BUCKETS) * 6, BUCKETS).await;
    shop.set_faults(faults());
    let mug = product_id("mug");
    let order = |number| {
        // Two orders of 60 among single pieces.
        let quantity = if number % 20 == 10 { 60 } else { 1 };
        ask::place(&shop.customer(number), "large", &[("mug", quantity)])
    };
    let load = offer(&shop, 100.0, Duration::from_millis(400), true, order).await;
    let mut large = 0;
    for call in &load.calls {
        let wanted = call.request.body()["items"][0]["quantity"]
            .as_i64()
            .unwrap_or_default();
        let fewest = shop.checked(|checker| checker.fewest(&mug, call.began, call.ended));
        ensure!(
            call.reply.status == 201 || fewest < wanted,
            "{wanted} pieces were refused while {fewest} were left: {}",
            call.reply.text
        );
        large += u64::from(wanted > 6 && call.reply.status == 201);
    }
    closes(&shop).await?;
    Ok(Tally::new().with("orders for more than a bucket holds", large))
}
