//! What came of the runs, for people and for programs.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use crate::{guarantee::grouped, runner::Outcome};

impl Outcome {
    /// Whether the claim held in every run.
    pub fn holds(&self) -> bool {
        self.violations.is_empty()
    }

    /// What the runs were to count and never met: a claim about it was not tried. Few runs may miss something.
    pub fn untried(&self) -> Vec<&'static str> {
        if self.tally.0.is_empty() {
            return vec!["anything"];
        }
        let never = self.tally.0.iter().filter(|(_, count)| **count == 0);
        never.map(|(what, _)| *what).collect()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (runs, violations) = (grouped(self.runs), self.violations.len());
        let plural = if violations == 1 { "" } else { "s" };
        let name = self.name;
        write!(f, "{name}: {runs} runs, {violations} violation{plural}")?;
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
    /// Their numbers.
    pub violated_by: Vec<u64>,
    /// What all runs counted.
    pub counts: BTreeMap<&'static str, u64>,
}

/// What came of planted bugs.
#[derive(Debug, Default, Serialize)]
pub struct Planted {
    /// Bugs that were planted.
    pub planted: usize,
    /// Bugs that were caught.
    pub caught: usize,
    /// Those that were not, by their names.
    pub missed: Vec<&'static str>,
}

impl From<&Outcome> for Line {
    fn from(outcome: &Outcome) -> Self {
        Self {
            name: outcome.name,
            runs: outcome.runs,
            violations: outcome.violations.len(),
            violated_by: outcome.violations.iter().map(|it| it.0).collect(),
            counts: outcome.tally.0.clone(),
        }
    }
}
