//! Where events about orders go: a port, since an event bus is somebody else's system.
//!
//! Events arrive at least once. Each has an id of its own, by which whoever listens knows one that came before.

pub mod built_in;

use std::{future::Future, pin::Pin};

use crate::{error::Source, orders::OrderChange};

/// How many events were handed over before the first that was not, and why that was not.
pub type Publishing<'a> = Pin<Box<dyn Future<Output = Result<(), Unpublished>> + Send + 'a>>;

/// An event was not handed over, nor were those after it.
#[derive(Debug)]
pub struct Unpublished {
    /// Its place among those that were to be.
    pub at: usize,
    /// Why.
    pub source: Source,
}

/// An event bus.
pub trait EventBus: Send + Sync {
    /// Hands these events over in their order, up to the first that can't be: what comes after it waits, so that
    /// nobody hears of an order's later status before an earlier one. One that came before changes nothing.
    fn publish<'a>(&'a self, events: &'a [OrderChange]) -> Publishing<'a>;
}
