//! The stream of a table, brought to its function as Lambda's event source mapping does: in order, filtered, in
//! batches, a failed batch again and in halves.

mod filter;
mod mapping;
mod reader;

#[cfg(test)]
mod tests;

use std::{path::PathBuf, time::Duration};

use cloud::{UnreadStream, streams::sequence_number};
use serde_json::{Value, json};

pub use filter::{Filter, FilterError};
pub use mapping::{Mapping, Verdict, first_failed};
use reader::Reader;

use crate::{DynamoDb, Source};

/// A stream can't be read, or where it was read to can't be kept.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The database does not give its records.
    #[error(transparent)]
    Unread(#[from] UnreadStream),
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
    mapping: Mapping,
    position_file: Option<PathBuf>,
}

impl Pump {
    /// A pump that begins where `position_file` says that one ended, else at the stream's beginning.
    pub fn new(db: &DynamoDb, source: &Source, position_file: Option<PathBuf>) -> Self {
        let position = position_file
            .as_deref()
            .and_then(|file| std::fs::read_to_string(file).ok());
        Self {
            reader: Reader::new(db.connection(), &source.table, position),
            filter: source.filter.clone(),
            mapping: Mapping::new(source),
            position_file,
        }
    }

    /// One attempt: reads the next records and brings a batch of them to `function`, which takes the event
    /// and answers what the function answers.
    pub async fn step<E: std::fmt::Display>(
        &mut self,
        function: impl AsyncFn(Value) -> Result<Value, E>,
    ) -> Result<Step, StreamError> {
        let read = self.reader.next().await?;
        let Some(last) = read.last().map(sequence_number) else {
            return Ok(Step::Idle);
        };
        let meant = read
            .into_iter()
            .filter(|record| self.filter.matches(record));
        let batch: Vec<Value> = meant.take(self.mapping.size()).collect();
        if batch.is_empty() {
            self.advance(last)?;
            return Ok(Step::Delivered(0));
        }
        let answer = function(json!({ "Records": batch })).await;
        let (failed, reason) = match answer {
            Err(error) => (Some(0), error.to_string()),
            Ok(answer) => (
                first_failed(&answer, &batch),
                "it reported the record as failed".to_owned(),
            ),
        };
        let Verdict { done, given_up } = self.mapping.took(batch.len(), failed);
        let past = done + usize::from(given_up);
        if let Some(last) = past.checked_sub(1).and_then(|last| batch.get(last)) {
            self.advance(sequence_number(last))?;
        }
        Ok(match batch.get(done) {
            None => Step::Delivered(done),
            Some(record) if given_up => Step::GivenUp {
                sequence_number: sequence_number(record),
                reason,
            },
            Some(_) => Step::Failed(reason),
        })
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
                    Duration::from_millis(200) * self.mapping.attempts().min(25)
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

    fn advance(&mut self, position: String) -> Result<(), StreamError> {
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
