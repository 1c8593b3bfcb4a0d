//! What the simulated shop promises to those who prove something in it.

#![allow(clippy::unwrap_used, missing_docs)]

mod audits;
mod runs;
mod staff;
