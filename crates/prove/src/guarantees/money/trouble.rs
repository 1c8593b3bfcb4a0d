//! What goes wrong while somebody pays.

use std::time::Duration;

use adversary::{Faults, Meddling, Sent};
use serde_json::json;
use simulation::Shop;

use crate::sent::of_provider;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nothing but what people do at once.
    Races,
    /// What the provider is asked is lost, repeated, late, or answered with an error.
    Provider,
    /// Processes die.
    Deaths,
    /// All of it, and every other fault.
    Everything,
}

/// For how long the SDK tries to write something.
const OPERATION: Duration = Duration::from_secs(5);

/// Calls of the provider that are meddled with.
const CALLS: usize = 12;

impl Trouble {
    pub(super) const ALL: [Self; 4] = [Self::Races, Self::Provider, Self::Deaths, Self::Everything];

    /// From now on it goes wrong.
    pub(super) fn begins(self, shop: &Shop) {
        match self {
            Self::Races => {}
            Self::Provider => meddle_with_provider(shop),
            Self::Deaths => shop.set_mortality(0.3),
            Self::Everything => {
                shop.set_faults(Faults::all());
                shop.set_mortality(0.1);
                meddle_with_provider(shop);
            }
        }
    }

    /// For how long one process may find an order expired, and what another wrote before that arrives: how much their
    /// clocks differ, and how late a write may be.
    pub(super) fn disagreement(self) -> Duration {
        if self != Self::Everything {
            return Duration::ZERO;
        }
        let Faults { skew, lateness, .. } = Faults::all();
        2 * skew + OPERATION + lateness
    }

    /// After how many waits the schedule's process dies, if it does.
    pub(super) fn life_of_schedule(self, shop: &Shop) -> Option<u64> {
        let dies = matches!(self, Self::Deaths | Self::Everything) && shop.world().below(2) == 0;
        // It waits sixteen times for what is due before it does anything.
        dies.then(|| 14 + shop.world().below(16))
    }
}

/// What becomes of the next calls of the provider is decided now, each by chance.
fn meddle_with_provider(shop: &Shop) {
    let world = shop.world();
    let mut fates: Vec<Option<Meddling>> = (0..CALLS)
        .map(|_| {
            let later = Duration::from_millis(world.below(1 << (6 + world.below(11))));
            Some(match world.below(10) {
                0 | 1 => Meddling::LoseRequest,
                2 | 3 => Meddling::LoseReply,
                4 => Meddling::Delay(later),
                5 => Meddling::Again(later),
                6 => Meddling::Refuse(500, "InternalServerError", json!({})),
                _ => return None,
            })
        })
        .collect();
    world.meddle(move |sent: &Sent<'_>| of_provider(sent).then(|| fates.pop()).flatten().flatten());
}
