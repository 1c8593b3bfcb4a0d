//! The rules by which Lambda's event source mapping goes on after a batch: what was dealt with is done, what failed comes
//! again in halves, and a single record that fails too often is given up.

use serde_json::Value;

use crate::Source;

/// Where a mapping stands with the next records of its stream.
#[derive(Clone, Debug)]
pub struct Mapping {
    batch_size: usize,
    retries: Option<u32>,
    /// The records that a batch may have now; halved by a failure.
    size: usize,
    attempts: u32,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// So many of its first records are dealt with.
    pub done: usize,
    /// The record after them has failed too often and is left out. On AWS it is in the failure destination.
    pub given_up: bool,
}

impl Mapping {
    /// A mapping that begins.
    pub fn new(source: &Source) -> Self {
        let batch_size = source.batch_size.clamp(1, 100);
        Self {
            batch_size,
            retries: source.retries,
            size: batch_size,
            attempts: 0,
        }
    }

    /// The most records of the next batch.
    pub fn size(&self) -> usize {
        self.size
    }

    /// How often the next record has failed.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Takes note of what came of a batch of `len` records: the place of the first that failed, if any did.
    pub fn took(&mut self, len: usize, failed: Option<usize>) -> Verdict {
        let Some(done) = failed else {
            self.size = self.batch_size;
            self.attempts = 0;
            return Verdict {
                done: len,
                given_up: false,
            };
        };
        if done > 0 {
            // The record that failed now is another than before.
            self.attempts = 0;
        }
        self.attempts += 1;
        self.size = (len / 2).max(1);
        let is_over = self.retries.is_some_and(|most| self.attempts > most);
        let given_up = is_over && len == 1;
        if given_up {
            self.attempts = 0;
        }
        Verdict { done, given_up }
    }
}

/// The place in a batch of the first record that a function's answer reports as failed.
pub fn first_failed(answer: &Value, batch: &[Value]) -> Option<usize> {
    let failures = answer.get("batchItemFailures")?.as_array()?;
    let places = failures.iter().map(|failure| {
        let number = &failure["itemIdentifier"];
        let place = batch
            .iter()
            .position(|record| record["dynamodb"]["SequenceNumber"] == *number);
        // An identifier that is none of the batch's fails the whole batch, as on AWS.
        place.unwrap_or(0)
    });
    places.min()
}
