//! Every state of a small shop, with everything that can happen in it, by a model checker.

mod model;
mod properties;
mod state;
mod steps;

use stateright::{Checker, Model as _};

use self::model::{Model, Scope};
use crate::{Guarantee, Proof, Run, Tally, ensure};

pub(super) const GUARANTEE: Guarantee = Guarantee {
    name: "transitions",
    claim: "In every state that a small shop can come to pieces and money add up, and the schedule alone brings every \
            order and every charge to its end.",
    fast: 3,
    full: 5,
    run,
};

/// One order with all that can befall it: a request at a time, whose writes arrive late and twice.
const LATE_WRITES: Scope = Scope {
    buyers: 1,
    keys: 1,
    last_step: 1,
    processes: 2,
    late_writes: true,
    ships: true,
};

/// One order, paid with two keys, by requests that meet.
const TWO_KEYS: Scope = Scope {
    keys: 2,
    last_step: 2,
    late_writes: false,
    ..LATE_WRITES
};

/// Three buyers of the two pieces of two products. Shipping moves none, so it is left to the others.
const SHOP: Scope = Scope {
    buyers: 3,
    processes: 1,
    late_writes: false,
    ships: false,
    ..LATE_WRITES
};

/// One order with all of it at once.
const ORDER: Scope = Scope {
    late_writes: true,
    ..TWO_KEYS
};

/// Two buyers whose requests meet.
const TWO_BUYERS: Scope = Scope {
    buyers: 2,
    late_writes: false,
    ..LATE_WRITES
};

/// Every part, and how many states it has at least.
const PARTS: [(Scope, usize); 5] = [
    (LATE_WRITES, 80_000),
    (TWO_KEYS, 45_000),
    (SHOP, 500_000),
    (ORDER, 1_000_000),
    (TWO_BUYERS, 1_000_000),
];

fn run(run: &Run) -> Proof {
    let (scope, least) = run.case(&PARTS);
    let model = Model::new(scope);
    let checker = model.checker().spawn_bfs().join();
    let mut found = checker.discoveries();
    for property in checker.model().properties() {
        let path = found.remove(property.name);
        if property.expectation.discovery_is_failure() {
            if let Some(path) = path {
                let actions = path.into_actions();
                ensure!(false, "not always: {}; {actions:#?}", property.name);
            }
        } else {
            ensure!(path.is_some(), "never: {}", property.name);
        }
    }
    let states = checker.unique_state_count();
    ensure!(states >= least, "there are {states} states only");
    Ok(Tally::new()
        .with("states", states as u64)
        .with("steps between them", checker.state_count() as u64))
}
