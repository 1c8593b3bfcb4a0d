//! The last piece: however many want it, one gets it, and the others are told the truth.

use adversary::Faults;
use simulation::ask;
use tokio::task::spawn_local;

use crate::{
    Guarantee, Proof, Run, Tally,
    common::{closes, joined, product_id},
    ensure,
};

pub(super) const GUARANTEE: Guarantee = Guarantee {
    name: "last-piece",
    claim: "Of 2, 10 or 100 buyers of the last piece exactly one gets it, and nobody else is told that it is sold out \
            before it is.",
    fast: 600,
    full: 30_000,
    run,
};

fn run(run: &Run) -> Proof {
    let buyers = run.case(&[2_u64, 10, 100]);
    // The piece lies in the only bucket or in one of several.
    let buckets = [1, 1, 4][(run.number / 3 % 3) as usize];
    run.in_a_shop(async |shop| {
        shop.stock("mug", 1, buckets).await;
        shop.set_faults(Faults::all());
        shop.set_mortality(0.02);
        let buying = (0..buyers).map(|number| {
            let shop = shop.clone();
            spawn_local(async move {
                let (who, key) = (shop.customer(number), "last-piece");
                let order = match number % 4 {
                    3 => ask::buy(&who, key, "mug", 1),
                    _ => ask::place(&who, key, &[("mug", 1)]),
                };
                shop.ask(&order).await
            })
        });
        let buying: Vec<_> = buying.collect();
        let mut tally = Tally::new();
        for buyer in buying {
            let reply = joined(buyer).await;
            match reply.status {
                201 => tally.count("orders", 1),
                409 => tally.count("told that it is sold out", 1),
                _ => ensure!(
                    false,
                    "a buyer was answered {}: {}",
                    reply.status,
                    reply.text
                ),
            }
        }
        let mug = product_id("mug");
        for call in shop.calls() {
            if call.reply.status == 409 {
                let (problem, request) = (call.reply.problem(), &call.request);
                ensure!(
                    problem == "out-of-stock",
                    "{request} was refused as {problem}"
                );
                let fewest = shop.checked(|checker| checker.fewest(&mug, call.began, call.ended));
                ensure!(
                    fewest == 0,
                    "{request} was told that it is sold out while {fewest} pieces were left"
                );
            }
        }
        let orders = shop.checked(|checker| checker.orders().len());
        ensure!(orders == 1, "{orders} orders of one piece");
        ensure!(
            tally.0.get("orders") == Some(&1),
            "{:?} were told that they have it",
            tally.0
        );
        closes(&shop).await?;
        let meter = shop.world().meter();
        Ok(tally
            .with("requests of buyers", shop.calls().len() as u64)
            .with("conflicts", meter.conflicts))
    })
}
