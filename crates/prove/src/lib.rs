//! What the shop guarantees. Each guarantee is a claim, and a simulation of production code under every fault that looks
//! for a run in which the claim does not hold. Runs are numbered; a number is a seed, and the same number is the same run.
//!
//! `cargo test` makes the fast number of runs of each, `cargo shop prove --full` the full number, and
//! `cargo shop prove NAME --seed N` makes one of them again and prints its history.
//!
//! - [`guarantee`]: what a guarantee is; [`guarantees`]: all of them, one file each.
//! - [`runner`]: many runs on all cores, with progress; [`report`]: what came of them.
//! - [`curve`]: how much one product bears, by the number of its buckets.
//! - [`planted`]: bugs planted in a copy of the shop, to see whether the guarantees notice.
//! - `common`: what most guarantees say.
//! - `answers`: the first answers that are written down for repeats.
//! - `sent`: requests on their way to DynamoDB.
//! - `load`: requests that come whether or not earlier ones are answered.
//! - `ledger`: what the payment provider did, against what became of the orders.
//! - `leftovers`: what is left to do when all is over.
//! - `panics`: panics that the shop has caught.
//! - `history`: a run's journal, to be read by people.

mod answers;
mod common;
pub mod curve;
pub mod guarantee;
pub mod guarantees;
mod history;
mod ledger;
mod leftovers;
mod load;
mod panics;
pub mod planted;
pub mod report;
pub mod runner;
mod sent;

pub use guarantee::{Guarantee, Proof, Run, Tally, Violation};
pub use guarantees::{GUARANTEES, named};
