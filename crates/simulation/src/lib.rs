//! The shop in simulated time: the operations as they run on Lambda, from API Gateway's event to its answer, on a
//! DynamoDB in which everything goes wrong that may.
//!
//! - [`shop`]: a world with the shop's tables, keys and functions; [`Shop::call`] is a client's request.
//! - [`process`](mod@process): a function's processes, each with one request at a time and a memory of its own.
//! - [`request`]: what clients send and get.

pub mod process;
pub mod request;
pub mod shop;

pub use request::{Reply, Request};
pub use shop::{Person, Shop};
