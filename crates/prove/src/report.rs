//! What came of the runs, for people and for programs.

use std::fmt;

use serde::Serialize;

use crate::{guarantee::grouped, runner::Outcome};

impl Outcome {
    /// Whether the claim held in every run.
    pub fn holds(&self) -> bool {
        self.violations.is_empty()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (runs, violations) = (grouped(self.runs), self.violations.len());
        write!(f, "{}: {runs} runs, {violations} violations", self.name)?;
        if self.holds() && !self.tally.0.is_empty() {
            write!(f, " ({})", self.tally)?;
        }
        for (number, violation) in &self.violations {
            write!(f, "\n  run {number}: {violation}")?;
            write!(
                f,
                "\n    again: cargo shop prove {} --seed {number}",
                self.name
            )?;
        }
        Ok(())
    }
}

/// The report as a program reads it.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Every guarantee that was looked at.
    pub guarantees: Vec<Line>,
    /// How many bugs were planted, and how many of them caught.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planted: Option<Planted>,
}

/// What came of a guarantee.
#[derive(Debug, Serialize)]
pub struct Line {
    /// Its name.
    pub name: &'static str,
    /// Runs.
    pub runs: u64,
    /// Runs in which it did not hold.
    pub violations: usize,
}

/// What came of planted bugs.
#[derive(Debug, Serialize)]
pub struct Planted {
    /// Bugs that were planted.
    pub planted: usize,
    /// Bugs that were caught.
    pub caught: usize,
}

impl From<&Outcome> for Line {
    fn from(outcome: &Outcome) -> Self {
        Self {
            name: outcome.name,
            runs: outcome.runs,
            violations: outcome.violations.len(),
        }
    }
}
