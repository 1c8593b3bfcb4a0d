//! What was written: the truth about the tables, step by step, for whoever checks it and for streams.

use std::{sync::Arc, time::Duration};

use serde_json::Value;

/// One request's writes, all of them done at once.
#[derive(Clone, Debug)]
pub struct Commit {
    /// When, since the world began.
    pub at: Duration,
    /// What it changed, in the order of the request.
    pub changes: Vec<Change>,
}

/// An item that was changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Its table.
    pub table: String,
    /// The item before; none if it was not there.
    pub old: Option<Image>,
    /// The item after; none if it is gone.
    pub new: Option<Image>,
}

/// An item as it was at a moment, in DynamoDB's JSON.
pub type Image = Arc<Value>;

pub(crate) type Watcher = Box<dyn FnMut(&Commit) + Send>;
