//! Exactly once: what was asked for is done, the reply is lost, and it is asked for again.

mod scene;

use adversary::{Faults, Meddling};
use simulation::Reply;

use self::scene::Scene;
use crate::{Guarantee, Proof, Run, Tally, Violation, common::closes, ensure};

pub(super) const GUARANTEE: Guarantee = Guarantee {
    name: "exactly-once",
    claim: "When the reply to an order, an adjustment or a payment is lost, however it is asked for again and whatever \
            happened meanwhile, it is done once, and answered as it was the first time.",
    fast: 20 * CASES.len() as u64,
    full: 250 * CASES.len() as u64,
    run,
};

#[derive(Clone, Copy, PartialEq)]
enum What {
    Order,
    CartOrder,
    Purchase,
    Adjustment,
    Payment,
}

/// Which replies are lost, and who asks again.
#[derive(Clone, Copy, PartialEq)]
enum Again {
    /// One. The SDK does, within the same request.
    Sdk,
    /// One. The SDK does, when the server was started again and knows no token any more.
    SdkAfterRestart,
    /// All to that one write, of which the operation can't know whether it happened.
    Operation,
    /// All from then on, as with the three that follow. The client does, at once.
    Client,
    /// The client does, and meets a new process.
    NewProcess,
    /// The client does, when no token is known any more.
    AfterElevenMinutes,
    /// The client does, when the server was started again.
    AfterRestart,
}

#[derive(Clone, Copy, PartialEq)]
enum Meanwhile {
    Nothing,
    Paid,
    Shipped,
    Cancelled,
    Refunded,
    Expired,
    Repriced,
    SoldOut,
    Deactivated,
    CartRefilled,
}

use Meanwhile::*;

/// What can have happened to what.
const CASES: [(What, Meanwhile); 32] = [
    (What::Order, Nothing),
    (What::Order, Paid),
    (What::Order, Cancelled),
    (What::Order, Expired),
    (What::Order, Repriced),
    (What::Order, SoldOut),
    (What::Order, Deactivated),
    (What::Order, CartRefilled),
    (What::CartOrder, Nothing),
    (What::CartOrder, Paid),
    (What::CartOrder, Cancelled),
    (What::CartOrder, Expired),
    (What::CartOrder, Repriced),
    (What::CartOrder, SoldOut),
    (What::CartOrder, Deactivated),
    (What::CartOrder, CartRefilled),
    (What::Purchase, Nothing),
    (What::Purchase, Paid),
    (What::Purchase, Cancelled),
    (What::Purchase, Expired),
    (What::Purchase, Repriced),
    (What::Purchase, SoldOut),
    (What::Purchase, Deactivated),
    (What::Purchase, CartRefilled),
    (What::Adjustment, Nothing),
    (What::Adjustment, Repriced),
    (What::Adjustment, SoldOut),
    (What::Adjustment, Deactivated),
    (What::Payment, Nothing),
    (What::Payment, Shipped),
    (What::Payment, Cancelled),
    (What::Payment, Refunded),
];

/// Who asks again when something happened meanwhile. When nothing did, it may be anybody.
const CLIENTS: [Again; 4] = [
    Again::Client,
    Again::NewProcess,
    Again::AfterElevenMinutes,
    Again::AfterRestart,
];
const WITHIN: [Again; 3] = [Again::Sdk, Again::SdkAfterRestart, Again::Operation];

fn run(run: &Run) -> Proof {
    let (what, meanwhile) = run.case(&CASES);
    run.in_a_shop(async |shop| {
        let within = WITHIN.iter().filter(|_| meanwhile == Nothing);
        let mut tally = Tally::new();
        for (number, again) in (1..).zip(CLIENTS.iter().chain(within)) {
            let scene = Scene::set(shop.clone(), what, number).await;
            tally.add(&play(&scene, *again, meanwhile).await?);
            shop.set_faults(Faults::none());
            shop.set_mortality(0.0);
        }
        closes(&shop).await?;
        Ok(tally)
    })
}

async fn play(scene: &Scene, again: Again, meanwhile: Meanwhile) -> Proof {
    let (shop, what) = (&scene.shop, scene.what);
    // A payment is three writes. When it stopped before the last, nothing can have come after it.
    let from = match (what, meanwhile) {
        (What::Payment, Nothing) => 1 + shop.world().below(3),
        (What::Payment, _) => 3,
        _ => 1,
    };
    let told = scene.lose_replies(again, from).await;
    let done = scene.written();
    ensure!(done.is_some() || from < 3, "nothing was written");
    told_the_truth(what, again, told.as_ref(), done.is_some())?;
    let (level, expected) = (scene.level(), scene.expected_level());
    ensure!(level == expected, "{level} pieces for {expected}");
    scene.let_happen(again, meanwhile).await;
    let level = scene.level();
    let mut tally = Tally::new();
    if shop.world().below(2) == 0 {
        shop.world().meddle(|_| Some(Meddling::LoseReply));
        let lost = shop.call(&scene.request).await;
        shop.world().stop_meddling();
        ensure!(lost.status == 503, "{}: {}", lost.status, lost.text);
        tally.count("replies to a repeat lost, too", 1);
    }
    if shop.world().below(2) == 0 {
        shop.set_faults(Faults::all());
        shop.set_mortality(0.05);
    }
    let reply = shop.ask(&scene.request).await;
    shop.replace_processes();
    let last = shop.ask(&scene.request).await;
    let first = scene.written().unwrap_or_default();
    for (reply, repeated) in [(&reply, done.is_some()), (&last, true)] {
        ensure!(
            reply.is_success() && reply.text == first,
            "answered {}: {}, and the first time {first}",
            reply.status,
            reply.text
        );
        ensure!(
            reply.replayed || !repeated,
            "a repeat does not say that it is one"
        );
    }
    ensure!(
        scene.level() == level,
        "{level} pieces before the repeat and {} after it",
        scene.level()
    );
    scene.was_done_once()?;
    if meanwhile == CartRefilled {
        scene.keeps_its_new_cart().await?;
    }
    Ok(tally.with("requests whose reply was lost", 1))
}

/// Whoever got an answer at all must have been told what is the case: that it is done, or that it is not known.
fn told_the_truth(
    what: What,
    again: Again,
    told: Option<&Reply>,
    done: bool,
) -> Result<(), Violation> {
    let Some(told) = told else {
        return Ok(());
    };
    let finds_out = match again {
        Again::Sdk | Again::SdkAfterRestart => true,
        // An order is its own record, which is read once more.
        Again::Operation => !matches!(what, What::Adjustment | What::Payment),
        _ => false,
    };
    let true_by_what_is_known = match told.problem().as_str() {
        "" => done,
        "outcome-unknown" => !finds_out,
        "busy" => !finds_out && !done,
        _ => false,
    };
    ensure!(
        true_by_what_is_known,
        "told {}: {}, done: {done}",
        told.status,
        told.text
    );
    Ok(())
}
