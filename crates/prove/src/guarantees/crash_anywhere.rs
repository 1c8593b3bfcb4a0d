//! Crash anywhere: a process dies at any point of anything it does, and its client comes back or does not.

mod accounts;
mod carts;
mod deed;
mod orders;
mod payments;
mod products;
mod schedule;

use std::{rc::Rc, sync::OnceLock, time::Duration};

use adversary::Faults;
use simulation::{Items, Shop};
use tokio::time::sleep;

use self::deed::{Deed, Scene};
use crate::{
    Guarantee, Proof, Run, Tally, Violation,
    common::{UNTIL_ALL_IS_OVER, closes},
    ensure, leftovers,
};

pub(super) const GUARANTEE: Guarantee = Guarantee {
    name: "crash-anywhere",
    claim: "Wherever a process dies in anything that writes, and whether or not its client comes back: it was done once \
            or not at all, who comes back is told so, and nothing is stuck once the schedule and the streams came by.",
    fast: POINTS,
    full: 20 * POINTS,
    run,
};

/// How many points there are at which a process can die, twice each: a client that comes back and one that does not. A
/// test counts them.
const POINTS: u64 = 536;

/// Where a process dies, and what its client does then.
#[derive(Clone, Copy)]
struct Point {
    scene: &'static Scene,
    /// How often it has waited by then.
    life: u64,
    comes_back: bool,
}

fn scenes() -> impl Iterator<Item = &'static Scene> {
    let all = [
        accounts::SCENES,
        products::SCENES,
        orders::SCENES,
        payments::SCENES,
        carts::SCENES,
        schedule::SCENES,
    ];
    all.into_iter().flatten()
}

/// Every request takes equally long, so that what is done undisturbed always waits equally often.
fn undisturbed() -> Faults {
    let delay = Duration::from_millis(1);
    Faults {
        delay: (delay, delay),
        ..Faults::none()
    }
}

/// Every point of every scene. How many a scene has is found out by letting it happen undisturbed.
fn points() -> &'static [Point] {
    static POINTS: OnceLock<Vec<Point>> = OnceLock::new();
    POINTS.get_or_init(|| {
        let of_scene = |scene: &'static Scene| {
            let waits = simulation::run(0, async |shop: Rc<Shop>| {
                shop.set_faults(undisturbed());
                let deed = (scene.set)(shop.clone()).await;
                let begun = deed.begin(&shop, None).await;
                deed.looks_first..begun.waits.unwrap_or_default()
            });
            let point = move |life, comes_back| Point {
                scene,
                life,
                comes_back,
            };
            waits.flat_map(move |life| [true, false].map(|back| point(life, back)))
        };
        scenes().flat_map(of_scene).collect()
    })
}

fn run(run: &Run) -> Proof {
    let point = run.case(points());
    // Each point once with nothing else going wrong, and then with everything.
    let alone = run.number < points().len() as u64;
    run.in_a_shop(async |shop| {
        let items = Items::of(&shop);
        shop.set_faults(undisturbed());
        let deed = (point.scene.set)(shop.clone()).await;
        if !alone {
            shop.set_faults(Faults::all());
            shop.set_mortality(0.05);
        }
        let proof = dies(&shop, &items, &deed, point, alone).await;
        proof.map_err(|violation| {
            let Point {
                scene,
                life,
                comes_back,
            } = point;
            let client = if comes_back { "comes back" } else { "is gone" };
            Violation(format!(
                "{}, which dies when it has waited {life} times, its client {client}: {violation}",
                scene.name
            ))
        })
    })
}

async fn dies(shop: &Shop, items: &Items, deed: &Deed, point: Point, alone: bool) -> Proof {
    let began = shop.elapsed();
    let begun = deed.begin(shop, Some(point.life)).await;
    let died = begun.waits.is_none();
    ensure!(died || !alone, "it does not wait that often");
    if point.comes_back {
        if !alone {
            sleep(Duration::from_millis(shop.world().below(3000))).await;
        }
        deed.repeat(shop, began).await?;
    }
    deed.let_somebody_come_by(shop).await?;
    closes(shop).await?;
    let done = (deed.done)(items)?;
    ensure!(done <= 1, "it was done {done} times");
    ensure!(
        done == 1 || !(point.comes_back || begun.told_done),
        "it was not done, and its client was told that it was"
    );
    if leftovers::waits_for_its_time(items) {
        sleep(UNTIL_ALL_IS_OVER).await;
        let wrong = shop.close().await;
        ensure!(wrong.is_empty(), "later, {wrong:#?}");
    }
    leftovers::none(items)?;
    Ok(Tally::new()
        .with("crashes", u64::from(died))
        .with("done in the end", done))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_runs_reach_every_point() {
        assert_eq!(points().len() as u64, GUARANTEE.fast);
    }

    #[test]
    fn what_nothing_disturbs_is_done_once() {
        for scene in scenes() {
            simulation::run(0, async |shop: Rc<Shop>| {
                let items = Items::of(&shop);
                shop.set_faults(undisturbed());
                let deed = (scene.set)(shop.clone()).await;
                assert_eq!((deed.done)(&items).unwrap(), 0, "{}, before", scene.name);
                deed.begin(&shop, None).await.waits.unwrap();
                assert_eq!(shop.close().await, Vec::<String>::new(), "{}", scene.name);
                assert_eq!((deed.done)(&items).unwrap(), 1, "{}", scene.name);
            });
        }
    }
}
