//! The time in which orders are played. It passes only when the story says so, so that a seed always meets the same time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use domain::Timestamp;

/// When the story begins: with the first second of 2026.
const BEGIN: i64 = 1_767_225_600_000;

/// A clock that stands still until it is set.
#[derive(Clone, Debug)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    /// A clock at the beginning of the story.
    pub fn at_the_beginning() -> Self {
        Self(Arc::new(AtomicI64::new(BEGIN)))
    }

    /// The time it shows.
    pub fn time(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }

    /// Shows this time from now on.
    pub fn set(&self, time: Timestamp) {
        self.0.store(time.as_millis(), Ordering::Relaxed);
    }

    /// As the store wants it.
    pub fn of_store(&self) -> SharedTimeSource {
        SharedTimeSource::new(self.clone())
    }

    /// As the edge wants it.
    pub fn of_edge(&self) -> edge::Clock {
        let clock = self.clone();
        Arc::new(move || clock.time())
    }
}

impl TimeSource for Clock {
    fn now(&self) -> SystemTime {
        let since = u64::try_from(self.time().as_millis()).unwrap_or_default();
        UNIX_EPOCH + Duration::from_millis(since)
    }
}
