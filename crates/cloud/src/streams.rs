//! The stream of a DynamoDB table: its shards, and their records as Lambda shows them. On AWS shards end after some hours and
//! others go on in their place; the stream keeps a record for 24 hours.

use std::time::Duration;

use serde_json::{Value, json};
use store::Connection;

use crate::{CallError, Service};

/// The most records that are asked for at once. DynamoDB gives 1,000 or 1 MB at most ("GetRecords", Amazon DynamoDB Streams API
/// reference).
const MOST: usize = 500;
/// A shard that still grows has no end, and may answer without a record before it comes to the next one. So many answers of
/// that kind in a row are its end.
const SILENCE: u32 = 10;
/// How long it is left alone after each of them.
const PAUSE: Duration = Duration::from_millis(100);

/// The stream of a table.
pub struct TableStream {
    service: Service,
    table: String,
    region: String,
    arn: String,
}

/// A part of a stream.
#[derive(Clone, Debug)]
pub struct Shard {
    id: String,
    /// The sequence number of its last record, if it has ended.
    last: Option<String>,
}

/// Some of a shard's records.
pub struct Part {
    /// The records, oldest first.
    pub records: Vec<Value>,
    /// What the next part is read by; `None` at the end of a shard that has ended.
    pub next: Option<String>,
}

/// A stream can't be read.
#[derive(Debug, thiserror::Error)]
pub enum UnreadStream {
    /// The database refuses, or does not answer.
    #[error("the stream of {table} can't be read: {source}")]
    Call {
        /// Which table's.
        table: String,
        /// Why.
        source: CallError,
    },
    /// The database's answers lack a part of what a stream has.
    #[error("the stream of {table} can't be read: the database tells of no {missing}")]
    Incomplete {
        /// Which table's.
        table: String,
        /// What is not there.
        missing: &'static str,
    },
}

impl TableStream {
    /// The stream that this table has now.
    pub async fn find(connection: &Connection, table: &str) -> Result<Self, UnreadStream> {
        let endpoint = connection.endpoint.as_deref();
        // Streams share the name in signatures with DynamoDB and, on one machine, the address as well.
        let service = Service::new(connection, "dynamodb", "streams.dynamodb", endpoint);
        let of = json!({"TableName": table});
        let list = ask(&service, table, "DynamoDBStreams_20120810.ListStreams", &of).await?;
        // For a day those that the table had before are listed, too. A label is the time at which a stream was made.
        let label = |stream: &Value| {
            stream["StreamLabel"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        let streams = list["Streams"].as_array().into_iter().flatten();
        let newest = streams.max_by(|one, other| label(one).cmp(&label(other)));
        let arn = newest.and_then(|stream| stream["StreamArn"].as_str());
        let arn = arn.map(str::to_owned);
        Ok(Self {
            service,
            table: table.to_owned(),
            region: connection.region.clone(),
            arn: arn.ok_or_else(|| lacks(table, "stream"))?,
        })
    }

    /// Its shards, those that have ended among them.
    pub async fn shards(&self) -> Result<Vec<Shard>, UnreadStream> {
        let mut shards = Vec::new();
        let mut of = json!({"StreamArn": self.arn});
        loop {
            let told = self
                .ask("DynamoDBStreams_20120810.DescribeStream", &of)
                .await?;
            let told = &told["StreamDescription"];
            for shard in told["Shards"].as_array().into_iter().flatten() {
                let last = &shard["SequenceNumberRange"]["EndingSequenceNumber"];
                shards.push(Shard {
                    id: self.text(&shard["ShardId"], "shard")?,
                    last: last.as_str().map(str::to_owned),
                });
            }
            match told["LastEvaluatedShardId"].as_str() {
                Some(id) => of["ExclusiveStartShardId"] = json!(id),
                None => return Ok(shards),
            }
        }
    }

    /// The one shard of a stream on one machine, which has it for ever.
    pub async fn only_shard(&self) -> Result<Shard, UnreadStream> {
        let shards = self.shards().await?;
        let first = shards.into_iter().next();
        first.ok_or_else(|| lacks(&self.table, "shard"))
    }

    /// What a shard is read by: from its oldest record, or from the one after this sequence number.
    pub async fn iterator(
        &self,
        shard: &Shard,
        after: Option<&str>,
    ) -> Result<String, UnreadStream> {
        let mut from = json!({
            "StreamArn": self.arn, "ShardId": shard.id, "ShardIteratorType": "TRIM_HORIZON",
        });
        if let Some(after) = after {
            from["ShardIteratorType"] = json!("AFTER_SEQUENCE_NUMBER");
            from["SequenceNumber"] = json!(after);
        }
        let told = self
            .ask("DynamoDBStreams_20120810.GetShardIterator", &from)
            .await?;
        self.text(&told["ShardIterator"], "iterator")
    }

    /// The records that come next. There may be none where a shard has more.
    pub async fn read(&self, iterator: &str) -> Result<Part, UnreadStream> {
        let from = json!({"ShardIterator": iterator, "Limit": MOST});
        let mut read = self
            .ask("DynamoDBStreams_20120810.GetRecords", &from)
            .await?;
        let Value::Array(records) = read["Records"].take() else {
            return Err(lacks(&self.table, "records"));
        };
        let records = records.into_iter();
        Ok(Part {
            records: records.map(|record| self.as_lambda_shows(record)).collect(),
            next: read["NextShardIterator"].as_str().map(str::to_owned),
        })
    }

    /// Begins to read everything that the stream still has.
    pub async fn walk(&self) -> Result<Walk<'_>, UnreadStream> {
        let mut left = self.shards().await?;
        // They are taken from the end. The oldest come first, whose records will be gone first.
        left.reverse();
        Ok(Walk {
            stream: self,
            left,
            place: None,
        })
    }

    fn as_lambda_shows(&self, mut record: Value) -> Value {
        record["awsRegion"] = json!(self.region);
        record["eventSourceARN"] = json!(self.arn);
        record
    }

    async fn ask(&self, target: &'static str, body: &Value) -> Result<Value, UnreadStream> {
        ask(&self.service, &self.table, target, body).await
    }

    /// A text that an answer must have.
    fn text(&self, value: &Value, what: &'static str) -> Result<String, UnreadStream> {
        let text = value.as_str().map(str::to_owned);
        text.ok_or_else(|| lacks(&self.table, what))
    }
}

/// Reads everything that a stream had when this began, shard by shard. Records of an item come in their order as long as its
/// shard does not end.
pub struct Walk<'s> {
    stream: &'s TableStream,
    left: Vec<Shard>,
    place: Option<Place>,
}

/// Where it stands in a shard.
struct Place {
    iterator: String,
    /// As in [`Shard`].
    last: Option<String>,
    /// Answers without a record since the last one with some.
    silent: u32,
}

impl Walk<'_> {
    /// The next records; `None` when there are no more.
    pub async fn next(&mut self) -> Result<Option<Vec<Value>>, UnreadStream> {
        loop {
            let Some(place) = self.place.take() else {
                let Some(shard) = self.left.pop() else {
                    return Ok(None);
                };
                self.place = Some(Place {
                    iterator: self.stream.iterator(&shard, None).await?,
                    last: shard.last,
                    silent: 0,
                });
                continue;
            };
            let Part { records, next } = self.stream.read(&place.iterator).await?;
            self.place = next.and_then(|next| place.after(&records, next));
            if !records.is_empty() {
                return Ok(Some(records));
            }
            if self.place.is_some() {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

impl Place {
    /// Where it stands after these records; `None` if the shard has no more.
    fn after(self, records: &[Value], iterator: String) -> Option<Self> {
        let silent = match records {
            [] => self.silent + 1,
            _ => 0,
        };
        let is_over = match (&self.last, records.last()) {
            (Some(last), Some(record)) => is_reached(last, &sequence_number(record)),
            (Some(_), None) => false,
            (None, _) => silent >= SILENCE,
        };
        (!is_over).then_some(Self {
            iterator,
            last: self.last,
            silent,
        })
    }
}

/// Whether a sequence number, which has up to 40 digits, is this one or a later one.
fn is_reached(wanted: &str, number: &str) -> bool {
    let [wanted, number] = [wanted, number].map(|it| it.trim_start_matches('0'));
    (number.len(), number) >= (wanted.len(), wanted)
}

/// A record's sequence number.
pub fn sequence_number(record: &Value) -> String {
    record["dynamodb"]["SequenceNumber"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

async fn ask(
    service: &Service,
    table: &str,
    target: &'static str,
    body: &Value,
) -> Result<Value, UnreadStream> {
    let headers = [
        ("x-amz-target", target),
        ("content-type", "application/x-amz-json-1.0"),
    ];
    let answer = service.post("/", &headers, body).await;
    answer.map_err(|source| UnreadStream::Call {
        table: table.to_owned(),
        source,
    })
}

fn lacks(table: &str, missing: &'static str) -> UnreadStream {
    UnreadStream::Incomplete {
        table: table.to_owned(),
        missing,
    }
}

#[cfg(test)]
mod tests;
