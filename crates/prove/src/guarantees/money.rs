//! Money: whatever happens between the shop, the payment provider and the client, an order is paid once or not at all.

mod attempts;
mod races;
mod scenes;
mod told;
mod trouble;

use std::rc::Rc;

use simulation::{Items, Shop};
use tokio::time::sleep;

use self::{
    scenes::{SCENES, Scene},
    trouble::Trouble,
};
use crate::{
    Guarantee, Proof, Run, Tally, Violation,
    common::{UNTIL_ALL_IS_OVER, closes},
    ensure,
    ledger::{self, Watch},
    leftovers,
};

pub(super) const GUARANTEE: Guarantee = Guarantee {
    name: "money",
    claim: "Whatever is lost, repeated, late or dies between client, shop and payment provider, and whatever becomes of the \
            order meanwhile: it is charged once at most at any moment, what was charged is given back exactly when it did not \
            become or stay paid, and nobody was told otherwise.",
    fast: 20 * CASES,
    full: 300 * CASES,
    run,
};

/// Every scene with every trouble.
const CASES: u64 = SCENES.len() as u64 * Trouble::ALL.len() as u64;

fn run(run: &Run) -> Proof {
    let scene = run.case(SCENES);
    let rounds = run.number / SCENES.len() as u64;
    let trouble = Trouble::ALL[(rounds % Trouble::ALL.len() as u64) as usize];
    run.in_a_shop(async |shop: Rc<Shop>| {
        let proof = happens(shop, scene, trouble).await;
        proof.map_err(|why| Violation(format!("{}, {trouble:?}: {why}", scene.name)))
    })
}

async fn happens(shop: Rc<Shop>, scene: Scene, trouble: Trouble) -> Proof {
    let (items, watch) = (Items::of(&shop), Watch::over(&shop));
    shop.stock("mug", 20, 1).await;
    (scene.happens)(shop.clone(), trouble).await?;
    closes(&shop).await?;
    if leftovers::waits_for_its_time(&items) {
        sleep(UNTIL_ALL_IS_OVER).await;
        let wrong = shop.close().await;
        ensure!(wrong.is_empty(), "later, {wrong:#?}");
    }
    adds_up(&shop, &items, &watch, trouble)
}

fn adds_up(shop: &Shop, items: &Items, watch: &Watch, trouble: Trouble) -> Proof {
    let wrong = watch.wrong();
    ensure!(wrong.is_empty(), "{wrong:#?}");
    leftovers::none(items)?;
    told::the_truth(shop, items, watch, trouble)?;
    let mut tally = Tally::new();
    for order in items.all("orders", "ORDER#") {
        let id = order.text("pk").trim_start_matches("ORDER#");
        let account = ledger::account(items, id);
        tally.count("orders", 1);
        tally.count("charges", account.charges());
        tally.count("given back", account.returns());
        tally.count("declined", account.declined);
    }
    Ok(tally)
}
