//! What a guarantee is.

use std::{collections::BTreeMap, fmt, rc::Rc};

use simulation::Shop;

use crate::history;

/// A claim about the shop, and a way to look for runs in which it does not hold.
#[derive(Clone, Copy)]
pub struct Guarantee {
    /// Its name on the command line and in reports.
    pub name: &'static str,
    /// What is claimed, a sentence.
    pub claim: &'static str,
    /// How many runs `cargo test` makes.
    pub fast: u64,
    /// How many runs `cargo shop prove --full` makes.
    pub full: u64,
    /// One run.
    pub run: fn(&Run) -> Proof,
}

/// Which run of a guarantee.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Its number. Everything that happens in it follows from that.
    pub number: u64,
    /// Whether its history is printed.
    pub told: bool,
}

/// What a run counted by the way: orders, conflicts, crashes. A run that counts nothing has shown nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally(pub BTreeMap<&'static str, u64>);

/// Why a claim does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Violation(pub String);

/// What a run shows.
pub type Proof = Result<Tally, Violation>;

/// Ends a run with a violation unless a condition holds.
#[macro_export]
macro_rules! ensure {
    ($condition:expr, $($told:tt)+) => {
        match $condition {
            true => {}
            false => return Err($crate::Violation(format!($($told)+))),
        }
    };
}

impl Run {
    /// Of `cases` that take turns, the one whose turn it is in this run.
    pub fn case<T: Copy>(&self, cases: &[T]) -> T {
        let count = cases.len() as u64;
        cases[(self.number % count) as usize]
    }

    /// Opens a shop of this run's own and lets `scenario` happen in it.
    pub fn in_a_shop(&self, scenario: impl AsyncFnOnce(Rc<Shop>) -> Proof) -> Proof {
        simulation::run_told(self.number, self.told, async |shop: Rc<Shop>| {
            // Also when it ends by a panic.
            let _told = self.told.then(|| history::Told(shop.clone()));
            scenario(shop).await
        })
    }
}

impl Tally {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts so many more of something.
    pub fn count(&mut self, what: &'static str, more: u64) {
        *self.0.entry(what).or_default() += more;
    }

    /// As [`Tally::count`], to be chained.
    pub fn with(mut self, what: &'static str, more: u64) -> Self {
        self.count(what, more);
        self
    }

    /// Adds what another run counted.
    pub fn add(&mut self, other: &Self) {
        for (what, more) in &other.0 {
            self.count(what, *more);
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (what, count)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{} {what}", grouped(*count))?;
        }
        Ok(())
    }
}

/// A number with its thousands apart.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (12_345_678, "12,345,678"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
