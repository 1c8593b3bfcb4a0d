//! Where events about orders go: a port, since an event bus is somebody else's system.
//!
//! Events arrive at least once. Each has an id of its own, by which whoever listens knows one that came before.

pub mod built_in;

use std::{future::Future, pin::Pin};

use crate::{error::Source, orders::OrderChange};

/// What became of each event, in their order.
pub type Publishing<'a> = Pin<Box<dyn Future<Output = Vec<Result<(), Source>>> + Send + 'a>>;

/// An event bus.
pub trait EventBus: Send + Sync {
    /// Hands these events over, one by one or at once. One that came before changes nothing.
    fn publish<'a>(&'a self, events: &'a [OrderChange]) -> Publishing<'a>;
}
