//! How the shop is kept: DynamoDB keys, items, transactions and retries.
//!
//! - [`connection`], [`db`]: reaching DynamoDB; [`retry`]: how often; [`cancellation`]: what a failure means;
//!   [`error`]: what it is called.
//! - [`keys`]: every key and index of every table; [`item`]: attributes; [`write`](mod@write): one conditional write;
//!   `single`: sending one alone; `lost`: answers that never came; [`meter`]:
//!   how often and how long DynamoDB was called.
//! - [`answer`]: first answers, remembered.
//! - [`users`], [`throttle`]: accounts, sessions, failed log-ins.
//! - [`catalogue`]: products, stock and its movements.
//! - [`orders`]: placing, moving on, paying, settling and listing orders.
//! - [`payment`]: who takes the money.
//! - [`audit`](mod@audit): whether products, buckets, movements, orders and charges agree.

pub mod answer;
pub mod audit;
pub mod cancellation;
pub mod catalogue;
pub mod connection;
pub mod db;
pub mod error;
#[cfg(test)]
mod golden;
pub mod item;
pub mod keys;
mod lost;
pub mod meter;
pub mod orders;
pub mod payment;
pub mod retry;
mod single;
pub mod throttle;
pub mod users;
pub mod write;

pub use answer::Answer;
pub use catalogue::Catalogue;
pub use connection::Connection;
pub use db::Db;
pub use error::{Failure, StoreError};
pub use orders::{Checkout, Orders};
pub use users::Users;
