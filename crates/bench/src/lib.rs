//! `cargo shop bench`: runs operations in one process, on a DynamoDB in memory, and says what they take.
//!
//! - [`log_in`]: whether the time of a log-in tells that an account exists.
//! - [`cost`]: what an order costs on AWS.
//! - `shop`: a shop inside this process; `times`: times of the same thing, done often.

pub mod cost;
pub mod log_in;
mod shop;
mod times;
