//! Everything that a stream had at a moment, shard by shard.
//!
//! A shard that has ended says where. One that still grows has no end, and an answer without a record is none either: "it might
//! take multiple calls to get to a portion of the shard that contains stream records" ("GetRecords", Amazon DynamoDB Streams
//! API reference), and nothing is said of how many. Such a shard is read for sure once it gives a record that came after that
//! moment. Where none comes, patience ends it, and [`Walk::unsure`] counts that.

use std::{
    collections::VecDeque,
    time::{Duration, SystemTime},
};

use serde_json::Value;
use tokio::time::{Instant, sleep_until};

use super::{Part, Shard, TableStream, UnreadStream, sequence_number};
use crate::CallError;

/// How long a shard is left alone between two reads. Lambda, the shard's other reader, reads four times a second ("Using AWS
/// Lambda with Amazon DynamoDB", AWS Lambda developer guide).
const PAUSE: Duration = Duration::from_millis(250);
/// How much younger than the walk a record must be to end its shard. The walk's time is by a clock that may be slow, and by one
/// that is slower than this a busy shard would end before all is read, without a word. AWS refuses whoever's clock is more than
/// five minutes off ("Elements of an AWS API request signature", AWS IAM user guide), so no walk gets as far as that. The rest
/// is for a record's time, which is in whole seconds, and called approximate.
const MARGIN: Duration = Duration::from_secs(6 * 60);
/// How often in a row a shard may be begun anew.
const LAPSES: u32 = 5;

/// Reads everything that a stream had when this began, and a little more of one that goes on. Records of an item come in their
/// order as long as its shard does not end.
pub struct Walk<'s> {
    stream: &'s TableStream,
    /// A shard with a record of a later time, in seconds since 1970, is read.
    until: f64,
    patience: u32,
    pause: Duration,
    /// What is left, in the order in which it is read.
    left: VecDeque<Place>,
    unsure: usize,
}

/// Where it stands in a shard.
struct Place {
    shard: Shard,
    /// What it is read by next; `None` if that has to be asked for.
    iterator: Option<String>,
    /// The sequence number of the last record that was read.
    reached: Option<String>,
    /// Answers without a record since then.
    silent: u32,
    /// When it may be read again.
    rested: Instant,
}

/// What is known of a shard after an answer.
enum Stand {
    /// It has more, or may have.
    GoesOn,
    /// All of it is read that was there when the walk began.
    Read,
    /// It still grows, and patience is over.
    Unsure,
}

/// Why an iterator is of no use, though the stream is.
enum Lapse {
    /// It was not used for a quarter of an hour.
    Expired,
    /// The record that it stood at is over a day old, and was removed.
    Trimmed,
    /// Its shard is not there.
    Gone,
}

impl TableStream {
    /// Begins to read everything that the stream has by now. After so many answers without a record in a row, which is what
    /// `patience` says, a shard that still grows is taken for read.
    pub async fn walk(&self, patience: u32) -> Result<Walk<'_>, UnreadStream> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let until = now.unwrap_or_default() + MARGIN;
        // The oldest come first, whose records will be gone first.
        let shards = self.shards().await?.into_iter();
        Ok(Walk {
            stream: self,
            until: until.as_secs_f64(),
            patience,
            pause: PAUSE,
            left: shards.map(Place::at_the_beginning_of).collect(),
            unsure: 0,
        })
    }
}

impl Walk<'_> {
    /// The next records; `None` when there are no more.
    pub async fn next(&mut self) -> Result<Option<Vec<Value>>, UnreadStream> {
        while let Some(mut place) = self.left.pop_front() {
            let Some(Part { records, next }) = self.read(&mut place).await? else {
                continue;
            };
            match place.after(&records, next, self.until, self.patience) {
                Stand::Read => {}
                Stand::Unsure => self.unsure += 1,
                // While it has nothing, others may.
                Stand::GoesOn if records.is_empty() => self.left.push_back(place),
                Stand::GoesOn => self.left.push_front(place),
            }
            if !records.is_empty() {
                return Ok(Some(records));
            }
        }
        Ok(None)
    }

    /// How many shards still grow, and were taken for read since they gave nothing for so long. They may have more.
    pub fn unsure(&self) -> usize {
        self.unsure
    }

    /// The next records of a shard; `None` if the shard is gone, and with it all that it had.
    async fn read(&self, place: &mut Place) -> Result<Option<Part>, UnreadStream> {
        let mut lapses = 0;
        loop {
            let error = match self.try_read(place).await {
                Ok(part) => return Ok(Some(part)),
                Err(error) => error,
            };
            lapses += 1;
            match Lapse::of(&error).filter(|_| lapses <= LAPSES) {
                None => return Err(error),
                // It goes on after the last record that was read.
                Some(Lapse::Expired) => {}
                // It goes on at the oldest record that is left. Those before it are gone, as they would be for a walk that
                // begins now.
                Some(Lapse::Trimmed) => place.reached = None,
                Some(Lapse::Gone) => {
                    // If it is the whole stream that is gone, this fails.
                    let shards = self.stream.shards().await?;
                    let is_there = shards.iter().any(|shard| shard.id == place.shard.id);
                    return if is_there { Err(error) } else { Ok(None) };
                }
            }
        }
    }

    async fn try_read(&self, place: &mut Place) -> Result<Part, UnreadStream> {
        let iterator = match place.iterator.take() {
            Some(iterator) => iterator,
            None => {
                let after = place.reached.as_deref();
                self.stream.iterator(&place.shard, after).await?
            }
        };
        sleep_until(place.rested).await;
        let part = self.stream.read(&iterator).await;
        place.rested = Instant::now() + self.pause;
        part
    }
}

impl Place {
    fn at_the_beginning_of(shard: Shard) -> Self {
        Self {
            shard,
            iterator: None,
            reached: None,
            silent: 0,
            rested: Instant::now(),
        }
    }

    /// Takes note of an answer: these records, and what the next ones are read by.
    fn after(
        &mut self,
        records: &[Value],
        next: Option<String>,
        until: f64,
        patience: u32,
    ) -> Stand {
        let Some(next) = next else {
            return Stand::Read;
        };
        self.iterator = Some(next);
        let Some(record) = records.last() else {
            self.silent += 1;
            let has_end = self.shard.last.is_some();
            return match !has_end && self.silent >= patience {
                true => Stand::Unsure,
                false => Stand::GoesOn,
            };
        };
        self.silent = 0;
        let number = sequence_number(record);
        let last = self.shard.last.as_deref();
        let is_last = last.is_some_and(|last| is_reached(last, &number));
        self.reached = Some(number);
        match is_last || created(record) > until {
            true => Stand::Read,
            false => Stand::GoesOn,
        }
    }
}

impl Lapse {
    fn of(error: &UnreadStream) -> Option<Self> {
        let UnreadStream::Call {
            source: CallError::Refused { kind, .. },
            ..
        } = error
        else {
            return None;
        };
        match kind.as_str() {
            "ExpiredIteratorException" => Some(Self::Expired),
            "TrimmedDataAccessException" => Some(Self::Trimmed),
            "ResourceNotFoundException" => Some(Self::Gone),
            _ => None,
        }
    }
}

/// Whether a sequence number, which has up to 40 digits, is this one or a later one.
fn is_reached(wanted: &str, number: &str) -> bool {
    let [wanted, number] = [wanted, number].map(|it| it.trim_start_matches('0'));
    (number.len(), number) >= (wanted.len(), wanted)
}

/// When a record came, in seconds since 1970.
fn created(record: &Value) -> f64 {
    let at = record["dynamodb"]["ApproximateCreationDateTime"].as_f64();
    at.unwrap_or_default()
}

#[cfg(test)]
mod tests;
