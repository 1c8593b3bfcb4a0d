//! How often DynamoDB was called, and how long that took: what a request's line in the log says of it.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

/// Calls to DynamoDB and the time until their answers, one after the other or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// How many, the SDK's own retries not counted.
    pub count: u32,
    /// The sum of their times.
    pub took: Duration,
}

thread_local! {
    // A function's process serves one request at a time, on one thread.
    static CALLS: Cell<Calls> = const { Cell::new(Calls { count: 0, took: Duration::ZERO }) };
}

/// Counts a call that was sent at `sent` and is answered now.
pub(crate) fn count(sent: Instant) {
    let Calls { count, took } = CALLS.get();
    CALLS.set(Calls {
        count: count.saturating_add(1),
        took: took.saturating_add(sent.elapsed()),
    });
}

/// What was counted since this was last asked, on this thread.
pub fn take() -> Calls {
    CALLS.take()
}
