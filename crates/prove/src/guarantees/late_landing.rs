//! Late landing: what a request writes arrives long after its client gave up on it.

mod keyed;
mod steps;
mod values;

use std::time::Duration;

use adversary::Meddling;
use simulation::{Reply, Request, Shop};

use crate::{
    Guarantee, Proof, Run, Violation, ensure,
    sent::{turned_away, writes},
};

pub(super) const GUARANTEE: Guarantee = Guarantee {
    name: "late-landing",
    claim: "A write that lands long after its client gave up has one effect at most and none on what was answered since. \
            Nobody was told that it failed, but by a refusal that was true at its moment; and its key finds it.",
    fast: 270,
    full: 10_800,
    run,
};

#[derive(Clone, Copy, PartialEq)]
enum What {
    Order,
    CartOrder,
    Purchase,
    Adjustment,
    Cancellation,
    Refund,
    Product,
    CartItem,
    RemovedItem,
}

/// Whose patience the write outlasts.
#[derive(Clone, Copy, PartialEq)]
enum Outlasts {
    /// An attempt's: the SDK sends it again, which is in time.
    Attempt,
    /// The operation's: all attempts land late.
    Operation,
    /// Even the tokens', by which the server knows a transaction again.
    Tokens,
}

fn run(run: &Run) -> Proof {
    let mut cases = Vec::new();
    for what in [
        What::Order,
        What::CartOrder,
        What::Purchase,
        What::Adjustment,
        What::Cancellation,
        What::Refund,
        What::Product,
        What::CartItem,
        What::RemovedItem,
    ] {
        for outlasts in [Outlasts::Attempt, Outlasts::Operation, Outlasts::Tokens] {
            cases.push((what, outlasts));
        }
    }
    let (what, outlasts) = run.case(&cases);
    run.in_a_shop(async |shop| match what {
        What::Order | What::CartOrder | What::Purchase | What::Adjustment => {
            keyed::run(shop, what, outlasts).await
        }
        What::Cancellation | What::Refund => steps::run(shop, what, outlasts).await,
        What::Product | What::CartItem | What::RemovedItem => {
            values::run(shop, what, outlasts).await
        }
    })
}

/// A request whose writes are late.
struct Late {
    /// What its client was told.
    told: Reply,
    /// When its first write lands.
    lands: Duration,
    /// Whether it is repeated only about when it lands: what was repeated before that has long succeeded.
    close: bool,
}

/// Sends a request whose writes land late.
async fn send(shop: &Shop, request: &Request, outlasts: Outlasts) -> Result<Late, Violation> {
    let world = shop.world();
    let millis = match outlasts {
        Outlasts::Attempt => 2_000 + world.below(2_900),
        Outlasts::Operation => 7_000 + world.below(60_000),
        Outlasts::Tokens => 11 * 60_000 + world.below(60_000),
    };
    let late = Duration::from_millis(millis);
    let most = if outlasts == Outlasts::Attempt {
        1
    } else {
        u32::MAX
    };
    // Further attempts land as late, or are turned away: that says nothing about the first.
    let (turned, throttled) = (world.below(2) == 0, world.below(2) == 0);
    let mut delayed = 0;
    world.meddle(move |sent| {
        if !writes(sent) || delayed == most {
            return None;
        }
        delayed += 1;
        Some(if turned && delayed > 1 {
            turned_away(sent, throttled)
        } else {
            Meddling::Delay(late)
        })
    });
    let lands = shop.elapsed() + late;
    let told = shop.call(request).await;
    world.stop_meddling();
    let right = match outlasts {
        Outlasts::Attempt => told.is_success(),
        // Nothing less is true: it is on its way.
        _ => told.problem() == "outcome-unknown",
    };
    ensure!(right, "{request} was told {}: {}", told.status, told.text);
    let close = world.below(2) == 0;
    Ok(Late { told, lands, close })
}

impl Late {
    /// Waits until everything has landed.
    async fn landed(&self, shop: &Shop) {
        let last = self.lands + Duration::from_secs(6);
        tokio::time::sleep(last.saturating_sub(shop.elapsed())).await;
    }

    /// Some moment from now on until shortly after it has landed; or one about when it lands, if all are to be such.
    async fn some_moment(&self, shop: &Shop) {
        let left = self.lands.saturating_sub(shop.elapsed());
        let left = u64::try_from(left.as_millis()).unwrap_or_default();
        let millis = if self.close {
            // It was sent some milliseconds after its request, and takes some more.
            left + 6 + shop.world().below(18)
        } else {
            shop.world().below(left + 2000)
        };
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
}
