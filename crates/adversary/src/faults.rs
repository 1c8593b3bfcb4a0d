//! What goes wrong, and how often.

use std::time::Duration;

/// What a [`World`](crate::World) does to requests. Chances lie between 0 and 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Faults {
    /// How long a request takes to the server, and its reply back, at least and at most.
    pub delay: (Duration, Duration),
    /// How long a transaction holds its items. One that meets an item held by another holds the rest for half of it.
    pub hold: Duration,
    /// Over how long the reads of a batch are spread, and over how long, at the end of its hold, what a transaction wrote
    /// becomes visible item by item.
    pub spread: Duration,
    /// That a reply is lost after the request was carried out.
    pub lost_reply: f64,
    /// That a request is lost before it arrives.
    pub lost_request: f64,
    /// That a write arrives a second time, some time after the first.
    pub duplicate: f64,
    /// That a write arrives only after its client gave up on it: this much later.
    pub late: f64,
    /// How late.
    pub lateness: Duration,
    /// That the server answers with an error of its own (500). Half of these requests it has carried out.
    pub server_error: f64,
    /// That a batch of reads leaves some of its keys unread.
    pub unread: f64,
    /// Write units a second that one partition key of a table or index takes; none is no limit.
    pub key_units: Option<u32>,
    /// How long reads that need not be consistent, and indexes, lag behind, at least and at most.
    pub lag: (Duration, Duration),
    /// How far a process's clock may be off, either way. It jumps every few seconds.
    pub skew: Duration,
}

impl Faults {
    /// Nothing goes wrong but what can't be otherwise: delays, transactions that hold their items for 8 ms, and reads
    /// of several items that are not one moment's.
    pub fn none() -> Self {
        Self {
            delay: (Duration::from_micros(500), Duration::from_millis(3)),
            hold: Duration::from_millis(8),
            spread: Duration::from_millis(2),
            lost_reply: 0.0,
            lost_request: 0.0,
            duplicate: 0.0,
            late: 0.0,
            lateness: Duration::from_secs(3),
            server_error: 0.0,
            unread: 0.0,
            key_units: None,
            lag: (Duration::ZERO, Duration::ZERO),
            skew: Duration::ZERO,
        }
    }

    /// As [`Faults::none`], but the reads of one batch are so far apart that whole transactions happen between them.
    pub fn reads_apart() -> Self {
        Self {
            spread: Duration::from_millis(60),
            ..Self::none()
        }
    }

    /// All of it, each often enough to meet the others within a few hundred requests.
    pub fn all() -> Self {
        Self {
            lost_reply: 0.03,
            lost_request: 0.01,
            duplicate: 0.05,
            late: 0.01,
            server_error: 0.01,
            unread: 0.02,
            key_units: Some(1000),
            lag: (Duration::from_millis(1), Duration::from_millis(400)),
            skew: Duration::from_millis(1500),
            ..Self::none()
        }
    }
}
