//! Black-box tests: real HTTP to the compiled functions, each test with a shop of its own.
//!
//! - [`support`]: the shop under test, its callers, and its auditor, which ends every test.
//! - one module a subject.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod auditor;
mod cart;
mod catalogue;
mod commands;
mod contract;
mod demo;
mod docs;
mod events;
mod hostile;
mod metrics;
mod money;
mod order_mail;
mod orders;
mod permissions;
mod privacy;
mod problems;
mod races;
mod replay;
mod replay_movements;
mod sessions;
mod settings;
mod story;
mod support;
mod users;
mod watch;
