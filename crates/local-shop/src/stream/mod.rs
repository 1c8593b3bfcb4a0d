//! The stream of a table, brought to its function as Lambda's event source mapping does: in order, filtered, in
//! batches, a failed batch again and in halves.

mod filter;
mod reader;

#[cfg(test)]
mod tests;

use std::{path::PathBuf, time::Duration};

use serde_json::{Value, json};

pub use filter::{Filter, FilterError};
use reader::Reader;

use crate::{DynamoDb, Source};

/// A stream can't be read, or where it was read to can't be kept.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The database refuses.
    #[error("the stream of {table} can't be read: {reason}")]
    Unreadable {
        /// Which table's.
        table: String,
        /// What the database says.
        reason: String,
    },
    /// The position is not kept.
    #[error("{} can't be written: {source}", file.display())]
    Position {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// What one attempt came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// There is nothing to bring.
    Idle,
    /// This many records reached the function.
    Delivered(usize),
    /// The function failed; the same records come again.
    Failed(String),
    /// A record failed too often and was left out. On AWS it would be in the failure queue.
    GivenUp {
        /// The record's sequence number.
        sequence_number: String,
        /// How the function failed at last.
        reason: String,
    },
}

/// Brings the records of a table's stream to a function.
pub struct Pump {
    reader: Reader,
    filter: Filter,
    batch_size: usize,
    retries: Option<u32>,
    position_file: Option<PathBuf>,
    /// The records that a batch may have now; halved by a failure.
    size: usize,
    attempts: u32,
}

impl Pump {
    /// A pump that begins where `position_file` says that one ended, else at the stream's beginning.
    pub fn new(db: &DynamoDb, source: &Source, position_file: Option<PathBuf>) -> Self {
        let position = position_file
            .as_deref()
            .and_then(|file| std::fs::read_to_string(file).ok());
        let batch_size = source.batch_size.clamp(1, 100);
        Self {
            reader: Reader::new(db.database(), &source.table, position),
            filter: source.filter.clone(),
            batch_size,
            retries: source.retries,
            position_file,
            size: batch_size,
            attempts: 0,
        }
    }

    /// One attempt: reads the next records and brings a batch of them to `function`, which takes the event
    /// and answers what the function answers.
    pub async fn step<E: std::fmt::Display>(
        &mut self,
        function: impl AsyncFn(Value) -> Result<Value, E>,
    ) -> Result<Step, StreamError> {
        let read = self.reader.next()?;
        let Some(last) = read.last().map(reader::sequence_number) else {
            return Ok(Step::Idle);
        };
        let meant = read
            .into_iter()
            .filter(|record| self.filter.matches(record));
        let batch: Vec<Value> = meant.take(self.size).collect();
        let numbers: Vec<String> = batch.iter().map(reader::sequence_number).collect();
        let Some(end) = numbers.last() else {
            self.advance(last)?;
            return Ok(Step::Delivered(0));
        };
        let failure = match function(json!({ "Records": batch })).await {
            Err(error) => (0, error.to_string()),
            Ok(answer) => match first_failure(&answer, &numbers) {
                None => {
                    self.size = self.batch_size;
                    self.advance(end.clone())?;
                    return Ok(Step::Delivered(numbers.len()));
                }
                Some(at) => (at, "it reported the record as failed".to_owned()),
            },
        };
        self.failed(&numbers, failure)
    }

    /// Steps until nothing is left, for as long as the function succeeds or records are given up.
    pub async fn drain<E: std::fmt::Display>(
        &mut self,
        function: impl AsyncFn(Value) -> Result<Value, E>,
    ) -> Result<usize, StreamError> {
        let mut delivered = 0;
        loop {
            match self.step(&function).await? {
                Step::Idle => return Ok(delivered),
                Step::Delivered(records) => delivered += records,
                Step::Failed(_) | Step::GivenUp { .. } => {}
            }
        }
    }

    /// Steps for ever, soon again when there was something, and tells `trouble` what failed.
    pub async fn run<E: std::fmt::Display>(
        mut self,
        function: impl AsyncFn(Value) -> Result<Value, E>,
        trouble: impl Fn(String),
    ) -> StreamError {
        loop {
            let pause = match self.step(&function).await {
                Err(error) => return error,
                Ok(Step::Delivered(_)) => continue,
                Ok(Step::Idle) => Duration::from_millis(200),
                Ok(Step::Failed(reason)) => {
                    trouble(format!("records of the stream come again: {reason}"));
                    Duration::from_millis(200) * self.attempts.min(25)
                }
                Ok(Step::GivenUp {
                    sequence_number,
                    reason,
                }) => {
                    trouble(format!("record {sequence_number} is given up: {reason}"));
                    continue;
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    fn failed(
        &mut self,
        numbers: &[String],
        failure: (usize, String),
    ) -> Result<Step, StreamError> {
        let (at, reason) = failure;
        if let Some(before) = at.checked_sub(1) {
            // What came before the failed record is done.
            self.advance(numbers[before].clone())?;
            self.attempts = 0;
        }
        self.attempts += 1;
        self.size = (numbers.len() / 2).max(1);
        let is_over = self.retries.is_some_and(|most| self.attempts > most);
        if !is_over || numbers.len() > 1 {
            return Ok(Step::Failed(reason));
        }
        let sequence_number = numbers[at].clone();
        self.advance(sequence_number.clone())?;
        Ok(Step::GivenUp {
            sequence_number,
            reason,
        })
    }

    fn advance(&mut self, position: String) -> Result<(), StreamError> {
        self.attempts = 0;
        if let Some(file) = &self.position_file {
            std::fs::write(file, &position).map_err(|source| StreamError::Position {
                file: file.clone(),
                source,
            })?;
        }
        self.reader.advance(position);
        Ok(())
    }
}

/// The place in the batch of the first record that the function's answer reports as failed.
fn first_failure(answer: &Value, numbers: &[String]) -> Option<usize> {
    let failures = answer.get("batchItemFailures")?.as_array()?;
    let places = failures.iter().map(|failure| {
        let number = failure.get("itemIdentifier").and_then(Value::as_str);
        // An identifier that is none of the batch's fails the whole batch, as on AWS.
        number
            .and_then(|number| numbers.iter().position(|n| n == number))
            .unwrap_or(0)
    });
    places.min()
}
