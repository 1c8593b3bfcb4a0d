//! Where in this crate DynamoDB is called from: the doors of [`Db`](crate::Db) say it of their callers.
//!
//! A test over HTTP knows by it that every such place was reached under its function's policy.

use std::panic::Location;

/// The target of what is said of each call, at level DEBUG: its place in the source, as the field `site`.
pub const TARGET: &str = "store::call";

/// Says where the function that calls this one was called.
#[track_caller]
pub(crate) fn called() {
    let site = Location::caller();
    tracing::debug!(target: TARGET, %site, "called");
}
