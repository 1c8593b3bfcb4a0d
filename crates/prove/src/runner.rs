//! Many runs of a guarantee, on as many threads as there are cores.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use crate::{Guarantee, Proof, Run, Tally, Violation};

/// Violations after which no more runs of a guarantee are begun.
const ENOUGH: usize = 5;

/// What came of a guarantee's runs.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The guarantee's name.
    pub name: &'static str,
    /// Runs that were made.
    pub runs: u64,
    /// The runs in which the claim did not hold, by their numbers, and why.
    pub violations: Vec<(u64, Violation)>,
    /// What all runs counted.
    pub tally: Tally,
}

/// One run. A panic in it is a violation.
pub fn once(guarantee: &Guarantee, run: &Run) -> Proof {
    catch_unwind(AssertUnwindSafe(|| (guarantee.run)(run))).unwrap_or_else(|panic| {
        let told = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("it panicked");
        Err(Violation(told.to_owned()))
    })
}

/// Runs 0 to `runs` - 1 of a guarantee. `progress` is told after each how many are done and how many violate.
pub fn many(
    guarantee: &Guarantee,
    runs: u64,
    threads: usize,
    progress: &(dyn Fn(u64, usize) + Sync),
) -> Outcome {
    let next = AtomicU64::new(0);
    let outcome = Mutex::new(Outcome {
        name: guarantee.name,
        ..Outcome::default()
    });
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= runs {
                return;
            }
            let told = false;
            let proof = once(guarantee, &Run { number, told });
            let mut outcome = outcome.lock().unwrap_or_else(|it| it.into_inner());
            outcome.runs += 1;
            match proof {
                Ok(tally) => outcome.tally.add(&tally),
                Err(violation) => outcome.violations.push((number, violation)),
            }
            if outcome.violations.len() >= ENOUGH {
                next.store(runs, Ordering::Relaxed);
            }
            progress(outcome.runs, outcome.violations.len());
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(work);
        }
        work();
    });
    let mut outcome = outcome.into_inner().unwrap_or_else(|it| it.into_inner());
    outcome.violations.sort_by_key(|(number, _)| *number);
    outcome
}
