//! The shop in simulated time: the operations as they run on Lambda, from API Gateway's event to its answer, on a
//! DynamoDB in which everything goes wrong that may.
//!
//! - [`shop`]: a world with the shop's tables, keys and functions; [`run`] opens one.
//! - [`client`]: requests as clients send them: once, or until they are answered for good; what each was told.
//! - [`request`]: what clients send and get; [`ask`]: the shop's requests.
//! - [`process`](mod@process): a function's processes, each with one request at a time and a memory of its own;
//!   `mortal`: how one dies between any two of its calls.
//! - [`account`]: accounts and sessions, made at once.
//! - [`checker`]: what must hold after every single write; [`items`]: every item as it is.
//! - [`stream`]: the streams of tables, brought to their functions.
//! - `image`: items as DynamoDB writes them, read as the store reads them.

pub mod account;
pub mod ask;
pub mod checker;
pub mod client;
mod image;
pub mod items;
mod mortal;
pub mod process;
pub mod request;
pub mod shop;
pub mod stream;

pub use account::Tokens;
pub use checker::Checker;
pub use client::Call;
pub use items::{Item, Items};
pub use request::{Reply, Request};
pub use shop::{Person, Shop, run, run_told};
