//! Black-box tests: real HTTP to the compiled functions, each test with a shop of its own.
//!
//! - [`support`]: the shop under test, its callers, and its auditor, which ends every test.
//! - one module a subject.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod demo;
mod money;
mod orders;
mod races;
mod story;
mod support;
mod watch;
