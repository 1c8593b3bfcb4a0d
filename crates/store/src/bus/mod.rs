//! Where events about orders go: a port, since an event bus is somebody else's system.
//!
//! Events arrive at least once. Each has an id of its own, by which whoever listens knows one that came before, and its
//! order's version, by which they know one that is late.
//!
//! - [`built_in`]: a log in a table of its own.
//! - [`replay`]: telling a bus once more, of what orders remember.

pub mod built_in;
pub mod replay;

use std::{future::Future, pin::Pin};

use crate::{error::Source, orders::OrderChange};

/// Whether all events were handed over, or else the first that was not, and why.
pub type Publishing<'a> =
    Pin<Box<dyn Future<Output = Result<HandedOver, Unpublished>> + Send + 'a>>;

/// All events were handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandedOver {
    /// How many of them the bus did not have; `None` if it does not say.
    pub new: Option<usize>,
}

/// An event was not handed over, nor was a later one of its order.
#[derive(Debug)]
pub struct Unpublished {
    /// Its place among those that were to be.
    pub at: usize,
    /// The places after it of other orders' events that were handed over all the same.
    pub beyond: Vec<usize>,
    /// How many of those that were handed over the bus did not have; `None` if it does not say.
    pub new: Option<usize>,
    /// Whether the bus may take it a moment later.
    pub may_pass: bool,
    /// Why.
    pub source: Source,
}

/// An event bus.
pub trait EventBus: Send + Sync {
    /// Hands these events over in their order, up to the first that can't be. Of one order none is handed over before the
    /// one before it was, so that nobody is told of a later status in place of an earlier one. One that came before
    /// changes nothing.
    fn publish<'a>(&'a self, events: &'a [OrderChange]) -> Publishing<'a>;
}
