//! AWS services beside DynamoDB. The shop makes one kind of request to each, signed by AWS's own library; their SDKs would
//! take longer to compile than all the rest ([decision 29](../../../docs/decisions/0029-signed-requests.md)).
//!
//! - [`parameters`]: secrets from the Parameter Store.
//! - [`mail`]: messages by the Simple Email Service.
//! - [`event_bridge`]: events to an event bus.
//! - [`streams`]: streams of DynamoDB's tables, which its own SDK does not read.
//! - [`service`]: a signed request and its answer.

pub mod event_bridge;
pub mod mail;
pub mod parameters;
pub mod service;
pub mod streams;
#[cfg(test)]
mod testing;

pub use event_bridge::EventBridge;
pub use mail::Ses;
pub use service::{CallError, Service};
pub use streams::{TableStream, UnreadStream};
