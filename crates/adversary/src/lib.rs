//! A DynamoDB in simulated time that does, from one seed, what a real one may do and no emulator does: transactions
//! that overlap conflict, replies are lost after the commit, requests arrive twice or late, keys throttle, reads lag.
//!
//! It stands behind the AWS SDK as its HTTP client, so that the code under test is the code that runs in production, with the
//! SDK's own retries and time-outs. Under it lies dynoxide, an embedded DynamoDB, which decides conditions and keeps the
//! items.
//!
//! ```no_run
//! # async fn buy(_: aws_sdk_dynamodb::Client) {}
//! adversary::run(42, |world| async move {
//!     world.set_faults(adversary::Faults::all());
//!     buy(world.client("buyer-1")).await;
//!     println!("{}", world.journal().digest()); // the same for the same seed
//! });
//! ```
//!
//! - [`world`]: a seed, a clock, a database, and clients of it; [`run`].
//! - [`faults`]: what goes wrong, and how often.
//! - `wire`: between a client and the server: delays, losses, duplicates.
//! - `server`: one request at the server; `holds`: items that transactions hold; `throttle`: write units a key and second;
//!   `replica`: what lagging reads see; `footprint`: which items a request touches; `engine`: dynoxide.
//! - [`journal`]: everything that happened, and its digest.

mod engine;
pub mod faults;
mod footprint;
mod holds;
pub mod journal;
mod replica;
mod server;
mod throttle;
mod wire;
pub mod world;

pub use faults::Faults;
pub use journal::Journal;
pub use world::{World, run};
