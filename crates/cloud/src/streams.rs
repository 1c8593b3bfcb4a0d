//! The stream of a DynamoDB table: its shards, and their records as Lambda shows them. On AWS shards end after some hours and
//! others go on in their place; the stream keeps a record for 24 hours.
//!
//! - [`walk`]: everything that a stream had at a moment.

pub mod walk;

use serde_json::{Value, json};
use store::Connection;

use crate::{CallError, Service};

/// The most records that are asked for at once. DynamoDB gives 1,000 or 1 MB at most ("GetRecords", Amazon DynamoDB Streams API
/// reference).
const MOST: usize = 500;

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
