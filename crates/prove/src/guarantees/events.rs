//! Events: what the streams of tables bring about, however they are brought.

mod disorder;
mod effects;
mod history;
mod letters;

use std::{cell::Cell, rc::Rc, time::Duration};

use adversary::Faults;
use serde_json::Value;
use simulation::{
    Shop,
    stream::{Brought, CONSUMERS},
};
use tokio::{task::spawn_local, time::sleep};

use self::effects::Effects;
use crate::{
    Guarantee, Proof, Run, Tally, Violation,
    common::{UNTIL_ALL_IS_OVER, closes, joined},
    ensure,
};

pub(super) const GUARANTEE: Guarantee = Guarantee {
    name: "events",
    claim: "Records of streams may come twice, again from any point, in batches of any size and in any order that keeps each \
            item's, functions may die and calls fail: every movement of stock is written down once and right, the bus is \
            told of every status of an order once and in their order, whoever can be written to has a letter about what \
            became of each order, and none twice or that was no longer so when it was written, products show what is \
            available; and a record that can't be dealt with ends in the failure destination, alone, and holds up nothing.",
    fast: 50,
    full: 1_000,
    run,
};

fn run(run: &Run) -> Proof {
    // More than the one in a thousand that is claimed, and none at all in every third run.
    let poisons = run.case(&[0, 1, 3]);
    run.in_a_shop(async |shop| {
        let effects = Effects::watch(&shop);
        let mut tally = history::happens(&shop).await?;
        shop.set_faults(Faults::all());
        shop.set_mortality(0.1);
        // While this is told, more happens.
        let over = Rc::new(Cell::new(false));
        let telling = CONSUMERS
            .map(|operation| spawn_local(tell(shop.clone(), operation, over.clone(), poisons)));
        history::goes_on(&shop).await?;
        over.set(true);
        for told in telling {
            tally.add(&joined(told).await?);
        }
        shop.set_faults(Faults::none());
        shop.set_mortality(0.0);
        sleep(Duration::from_secs(10)).await;
        tally.add(&effects.are_complete(&shop)?);
        // This brings every record once more, when the time of the unpaid is over; and what follows brings that they expire.
        sleep(UNTIL_ALL_IS_OVER).await;
        shop.drain_streams().await;
        closes(&shop).await?;
        effects.are_complete(&shop)?;
        tally.add(&effects.letters_are_complete()?);
        Ok(tally)
    })
}

/// Brings the records of a function's stream to it as they come, until all is over.
async fn tell(
    shop: Rc<Shop>,
    operation: &'static str,
    over: Rc<Cell<bool>>,
    poisons: usize,
) -> Result<Tally, Violation> {
    let (mut told, mut brought, mut poison) = (0, Vec::new(), Vec::<Value>::new());
    loop {
        let last = over.get();
        let all = shop.records(operation);
        if told == all.len() {
            if last {
                break;
            }
            sleep(Duration::from_millis(200)).await;
            continue;
        }
        let again = shop.world().below(4) == 0;
        let from = if again {
            shop.world().below(told as u64 + 1) as usize
        } else {
            told
        };
        let mut records = all[from..].to_vec();
        // Among the last records most of all: what it held up there, nothing later would make good.
        while poison.len() < poisons && (last || shop.world().below(4) == 0) {
            let number = poison.len();
            poison.extend(disorder::poison(&shop, &mut records, number));
        }
        told = all.len();
        brought.extend(bring(&shop, operation, records).await);
    }
    let tally = left_out(&brought, &poison)?;
    Ok(tally.with("records", told as u64))
}

/// Brings records to their function in several shards at once: once; or some shards twice at a time, and some up to a
/// record and then again from an earlier one.
async fn bring(shop: &Rc<Shop>, operation: &'static str, records: Vec<Value>) -> Vec<Brought> {
    let below = |end: usize| shop.world().below(end as u64 + 1) as usize;
    let mut readers = Vec::new();
    let once = below(1) == 0;
    for shard in disorder::shards(shop, records) {
        let twins = if once { 1 } else { 1 + below(1) };
        for _ in 0..twins {
            let end = if once || below(1) == 0 {
                shard.len()
            } else {
                below(shard.len())
            };
            let again = if end < shard.len() {
                below(end)
            } else {
                shard.len()
            };
            let (shop, shard) = (shop.clone(), shard.clone());
            readers.push(spawn_local(async move {
                let first = shop.bring(operation, &shard[..end]).await;
                let again = shop.bring(operation, &shard[again..]).await;
                [first, again]
            }));
        }
    }
    let mut brought = Vec::new();
    for reader in readers {
        brought.extend(joined(reader).await);
    }
    brought
}

/// Exactly the poison was given up, whoever met it.
fn left_out(brought: &[Brought], poison: &[Value]) -> Result<Tally, Violation> {
    let given_up = || brought.iter().flat_map(|brought| &brought.given_up);
    for record in given_up() {
        ensure!(
            poison.contains(record),
            "in the failure destination is {record}"
        );
    }
    for record in poison {
        ensure!(
            given_up().any(|given_up| given_up == record),
            "not in the failure destination is {record}"
        );
    }
    let invocations = brought.iter().map(|brought| brought.invocations).sum();
    Ok(Tally::new()
        .with("invocations", invocations)
        .with("poison", poison.len() as u64))
}
