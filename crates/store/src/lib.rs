//! How the shop is kept: DynamoDB keys, items, transactions and retries.
//!
//! - [`connection`], [`db`]: reaching DynamoDB; [`retry`]: how often; [`cancellation`]: what a failure means;
//!   [`error`]: what it is called; `service_error`: what is kept of it for the log.
//! - [`keys`]: every key and index of every table; [`item`]: attributes; [`write`](mod@write): one conditional write;
//!   `single`: sending one alone; `lost`: answers that never came; [`meter`]:
//!   how often and how long DynamoDB was called, and what that cost; [`site`]: from where in here.
//! - [`answer`]: first answers, remembered.
//! - [`users`], [`sessions`], [`links`]: accounts, sessions, links sent by mail; [`deletion`]: the end of an account;
//!   [`throttle`]: how often something may be tried.
//! - [`catalogue`]: products, stock and its movements.
//! - [`carts`]: filling carts and merging them.
//! - [`orders`]: placing, moving on, paying, settling and listing orders.
//! - [`payment`]: who takes the money; [`bus`]: who is told what happened to orders; [`mail`]: how messages leave.
//! - [`audit`](mod@audit): whether products, buckets, movements, carts, orders, charges and events agree.

pub mod answer;
pub mod audit;
pub mod bus;
pub mod cancellation;
pub mod carts;
pub mod catalogue;
pub mod connection;
pub mod db;
pub mod deletion;
pub mod error;
#[cfg(test)]
mod golden;
pub mod item;
pub mod keys;
pub mod links;
mod lost;
pub mod mail;
pub mod meter;
pub mod orders;
pub mod payment;
mod persist;
pub mod retry;
mod service_error;
pub mod sessions;
mod single;
pub mod site;
pub mod throttle;
pub mod users;
pub mod write;

pub use answer::Answer;
pub use carts::Carts;
pub use catalogue::Catalogue;
pub use connection::Connection;
pub use db::Db;
pub use deletion::Deletion;
pub use error::{Failure, StoreError};
pub use orders::{Checkout, Orders};
pub use throttle::Throttle;
pub use users::Users;
