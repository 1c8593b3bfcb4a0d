//! The streams of tables, brought to their functions as Lambda's event source mappings do: in order, filtered, in
//! batches, and again what failed.

use std::{collections::BTreeMap, time::Duration};

use adversary::{Change, Commit};
use local_shop::{
    Mapping, Source,
    stream::{Verdict, first_failed},
};
use serde_json::{Value, json};

use crate::{Shop, client::LONG_LIFE};

/// The functions that read a table's stream, each after those whose writes it reads.
pub const CONSUMERS: [&str; 4] = [
    "publish-order-events",
    "record-stock-movements",
    "send-account-mail",
    WRITES_TO_CUSTOMERS,
];

/// The one whose every record means nothing as long as nobody has shown an address to be theirs.
const WRITES_TO_CUSTOMERS: &str = "send-order-mail";

/// How often a batch is brought again, in [`Shop::drain_streams`], before that is an error.
const TRIES: u32 = 50;

/// All streams, by the function that reads each.
pub(crate) struct Streams(BTreeMap<&'static str, Stream>);

struct Stream {
    source: Source,
    /// Those meant for the function, oldest first.
    records: Vec<Value>,
    /// How many of them [`Shop::drain_streams`] has brought.
    done: usize,
}

impl Streams {
    pub(crate) fn of(template: &local_shop::Shop) -> Self {
        let streams = CONSUMERS.into_iter().filter_map(|operation| {
            let source = template.operation(operation)?.stream.clone()?;
            let stream = Stream {
                source,
                records: Vec::new(),
                done: 0,
            };
            Some((operation, stream))
        });
        Self(streams.collect())
    }

    /// The next records that [`Shop::drain_streams`] brings to a function.
    fn next_batch(&self, operation: &str) -> Vec<Value> {
        let Some(stream) = self.0.get(operation) else {
            return Vec::new();
        };
        let rest = stream.records.iter().skip(stream.done);
        rest.take(stream.source.batch_size).cloned().collect()
    }

    /// Appends what was written.
    pub(crate) fn note(&mut self, commit: &Commit) {
        for change in &commit.changes {
            for stream in self.0.values_mut() {
                if stream.source.table != change.table {
                    continue;
                }
                let record = record(change, commit.at, stream.records.len());
                if stream.source.filter.matches(&record) {
                    stream.records.push(record);
                }
            }
        }
    }
}

fn record(change: &Change, at: Duration, number: usize) -> Value {
    let name = match (&change.old, &change.new) {
        (None, _) => "INSERT",
        (Some(_), Some(_)) => "MODIFY",
        (Some(_), None) => "REMOVE",
    };
    let item = change.new.as_ref().or(change.old.as_ref());
    let mut keys = serde_json::Map::new();
    for key in ["pk", "sk"] {
        let value = item.and_then(|item| item.get(key));
        keys.extend(value.map(|value| (key.to_owned(), value.clone())));
    }
    let mut dynamodb = json!({
        "ApproximateCreationDateTime": (adversary::EPOCH + at).as_secs(),
        "Keys": keys,
        "SequenceNumber": format!("{number:021}"),
        "SizeBytes": 100,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    });
    for (image, item) in [("OldImage", &change.old), ("NewImage", &change.new)] {
        if let Some(item) = item {
            dynamodb[image] = Value::clone(item);
        }
    }
    json!({
        "eventID": format!("{}-{number}", change.table),
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "eventSourceARN": format!("arn:aws:dynamodb:us-east-1:000000000000:table/{}/stream/simulated", change.table),
        "dynamodb": dynamodb,
    })
}

/// What came of records that a mapping brought to its function.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Brought {
    /// Records that failed too often. On AWS they are in the failure destination.
    pub given_up: Vec<Value>,
    /// How often the function was invoked.
    pub invocations: u64,
}

impl Shop {
    /// All records so far of the stream that this function reads, oldest first.
    pub fn records(&self, operation: &'static str) -> Vec<Value> {
        let records = |streams: &mut Streams| Some(streams.0.get(operation)?.records.clone());
        self.streams.with(records).unwrap_or_default()
    }

    /// Brings records to a function that reads a stream, in a new process, which may die as any other. Tells how many it
    /// has dealt with.
    pub async fn deliver(&self, operation: &'static str, batch: &[Value]) -> usize {
        let life = self.life(LONG_LIFE + batch.len() as u64);
        self.deliver_with_life(operation, batch, life).await.0
    }

    /// As [`Shop::deliver`], to a process that dies when it has waited `life` times. Tells also how often it waited;
    /// `None` if it died.
    pub async fn deliver_with_life(
        &self,
        operation: &'static str,
        batch: &[Value],
        life: Option<u64>,
    ) -> (usize, Option<u64>) {
        let event = json!({ "Records": batch }).to_string();
        let (answer, waits) = self.deal_with_life(operation, &event, life).await;
        let dealt = answer.map_or(0, |answer| {
            first_failed(&answer, batch).unwrap_or(batch.len())
        });
        (dealt, waits)
    }

    /// Brings the records of a shard to their function as its event source mapping does: in order, in batches of whatever
    /// is there, and what failed again, by the rules of the template, until it is dealt with or given up.
    pub async fn bring(&self, operation: &'static str, shard: &[Value]) -> Brought {
        let source = |streams: &mut Streams| Some(streams.0.get(operation)?.source.clone());
        let source = self.streams.with(source);
        let source = source.unwrap_or_else(|| panic!("{operation} reads no stream"));
        let (mut mapping, mut brought) = (Mapping::new(&source), Brought::default());
        let mut rest = shard;
        while !rest.is_empty() {
            let most = rest.len().min(mapping.size());
            let there = 1 + self.world().below(2 * most as u64) as usize;
            let batch = &rest[..there.min(most)];
            let dealt = self.deliver(operation, batch).await;
            brought.invocations += 1;
            let failed = (dealt < batch.len()).then_some(dealt);
            let Verdict { done, given_up } = mapping.took(batch.len(), failed);
            if given_up {
                brought.given_up.extend(batch.get(done).cloned());
            } else if failed.is_some() {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            rest = &rest[done + usize::from(given_up)..];
        }
        brought
    }

    /// Brings every record that was not brought yet to its function, in order. In a shop where nobody can be written to,
    /// nobody is.
    pub async fn drain_streams(&self) {
        for operation in CONSUMERS {
            if operation == WRITES_TO_CUSTOMERS && !self.can_write_to_somebody() {
                continue;
            }
            let mut tries = 0;
            loop {
                let batch = self.streams.with(|streams| streams.next_batch(operation));
                if batch.is_empty() {
                    break;
                }
                let dealt = self.deliver(operation, &batch).await;
                self.streams.with(|streams| {
                    if let Some(stream) = streams.0.get_mut(operation) {
                        stream.done += dealt;
                    }
                });
                if dealt == 0 {
                    tries += 1;
                    assert!(tries < TRIES, "{operation} does not get on: {}", batch[0]);
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
            }
        }
    }
}
