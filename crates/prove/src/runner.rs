//! Many runs of a guarantee, on as many threads as there are cores.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use crate::{Guarantee, Proof, Run, Tally, Violation, panics};

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

/// One run. A panic in it is a violation, also one that the shop has caught.
pub fn once(guarantee: &Guarantee, run: &Run) -> Proof {
    let run = AssertUnwindSafe(|| (guarantee.run)(run));
    match panics::noted(|| catch_unwind(run)) {
        (Ok(proof), None) => proof,
        (Ok(Err(Violation(so))), Some(panic)) => Err(Violation(format!("{panic}; and so: {so}"))),
        (_, panic) => Err(Violation(panic.unwrap_or_else(|| "it panicked".to_owned()))),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_that_was_caught_is_a_violation() {
        let guarantee = Guarantee {
            name: "caught",
            claim: "",
            fast: 1,
            full: 1,
            run: |run| {
                let number = run.number;
                let caught = catch_unwind(|| assert_eq!(number, 0, "only the first holds"));
                assert_eq!(caught.is_err(), number > 0);
                Ok(Tally::new())
            },
        };
        let outcome = many(&guarantee, 2, 1, &|_, _| {});
        assert_eq!((outcome.runs, outcome.violations.len()), (2, 1));
        let (number, Violation(told)) = &outcome.violations[0];
        assert!(
            *number == 1 && told.contains("only the first holds"),
            "{told}"
        );
    }
}
