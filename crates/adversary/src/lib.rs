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
//!     world.journal().begin();
//!     world.set_faults(adversary::Faults::all());
//!     buy(world.client("buyer-1")).await;
//!     println!("{}", world.journal().digest()); // the same for the same seed
//! });
//! ```
//!
//! What goes wrong by chance is set by [`Faults`]; what is to go wrong with one request, by [`World::meddle`]. Everything
//! that is written is told at its moment to whoever [watches](World::watch), and what it cost stands in the [`Meter`].
//!
//! - [`world`]: a seed, a clock, a database, and clients of it; [`run`].
//! - [`faults`]: what goes wrong, and how often; [`fate`]: what becomes of one request.
//! - [`commit`]: what was written; [`meter`]: what it cost; [`journal`]: everything that happened, and its digest.
//! - [`Shared`]: what a watcher shares with whoever has set it.
//! - `wire`: between a client and the server: delays, losses, duplicates.
//! - `server`: one request at the server; `transaction`: one that writes several items; `holds`: items that
//!   transactions hold; `items`: what can be seen yet; `replica`: what lagging reads see; `tokens`: repeats of a
//!   transaction; `throttle`, `units`: write units a key and second; `footprint`: which items a request touches;
//!   `tables`: how they were declared; `engine`: dynoxide.

pub mod commit;
mod engine;
pub mod fate;
pub mod faults;
mod footprint;
mod holds;
mod items;
pub mod journal;
pub mod meter;
mod replica;
mod server;
mod shared;
mod tables;
mod throttle;
mod tokens;
mod transaction;
mod units;
mod wire;
pub mod world;

pub use commit::{Change, Commit, Image};
pub use fate::{Meddling, Sent};
pub use faults::Faults;
pub use journal::Journal;
pub use meter::Meter;
pub use shared::Shared;
pub use world::{EPOCH, World, run};
