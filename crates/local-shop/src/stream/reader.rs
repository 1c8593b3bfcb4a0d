//! Records of a stream, as Lambda shows them. They are asked for by requests, as anybody reads a stream, so that any
//! DynamoDB will do.

use cloud::Service;
use serde_json::{Value, json};
use store::Connection;

use super::StreamError;
use crate::environment::REGION;

/// The most records read at once.
const READ: usize = 500;

pub(super) struct Reader {
    streams: Service,
    table: String,
    /// Where the records are, once that is known.
    shard: Option<Shard>,
    /// The sequence number of the last record that is done with.
    position: Option<String>,
}

/// A part of a stream. On one machine a stream has one, for ever.
#[derive(Clone)]
struct Shard {
    stream_arn: String,
    id: String,
}

impl Reader {
    pub fn new(connection: &Connection, table: &str, position: Option<String>) -> Self {
        let endpoint = connection.endpoint.as_deref();
        let position = position.map(|position| position.trim().to_owned());
        let position = position.filter(|position| !position.is_empty());
        Self {
            // Streams share the name in signatures with DynamoDB and, on one machine, the address as well.
            streams: Service::new(connection, "dynamodb", "streams.dynamodb", endpoint),
            table: table.to_owned(),
            shard: None,
            position,
        }
    }

    pub fn advance(&mut self, position: String) {
        self.position = Some(position);
    }

    /// The records after the position, oldest first.
    pub async fn next(&mut self) -> Result<Vec<Value>, StreamError> {
        let shard = match &self.shard {
            Some(shard) => shard.clone(),
            None => {
                let found = self.find().await?;
                self.shard.insert(found).clone()
            }
        };
        let mut from = json!({
            "StreamArn": shard.stream_arn, "ShardId": shard.id, "ShardIteratorType": "TRIM_HORIZON",
        });
        if let Some(position) = &self.position {
            from["ShardIteratorType"] = json!("AFTER_SEQUENCE_NUMBER");
            from["SequenceNumber"] = json!(position);
        }
        let target = "DynamoDBStreams_20120810.GetShardIterator";
        let iterator = self.ask(target, &from).await?;
        let iterator = self.text(&iterator["ShardIterator"], "iterator")?;
        let from = json!({"ShardIterator": iterator, "Limit": READ});
        let target = "DynamoDBStreams_20120810.GetRecords";
        let mut read = self.ask(target, &from).await?;
        let Value::Array(records) = read["Records"].take() else {
            return Err(self.lacks("records"));
        };
        let records = records.into_iter();
        let shown = records.map(|record| as_lambda_shows(record, &shard.stream_arn));
        Ok(shown.collect())
    }

    /// Finds the stream of the table.
    async fn find(&self) -> Result<Shard, StreamError> {
        let of = json!({"TableName": self.table});
        let target = "DynamoDBStreams_20120810.ListStreams";
        let list = self.ask(target, &of).await?;
        let stream_arn = self.text(&list["Streams"][0]["StreamArn"], "stream")?;
        let of = json!({"StreamArn": stream_arn});
        let target = "DynamoDBStreams_20120810.DescribeStream";
        let stream = self.ask(target, &of).await?;
        let shard = &stream["StreamDescription"]["Shards"][0];
        let id = self.text(&shard["ShardId"], "shard")?;
        Ok(Shard { stream_arn, id })
    }

    async fn ask(&self, target: &'static str, body: &Value) -> Result<Value, StreamError> {
        let headers = [
            ("x-amz-target", target),
            ("content-type", "application/x-amz-json-1.0"),
        ];
        let answer = self.streams.post("/", &headers, body).await;
        answer.map_err(|source| StreamError::Unreadable {
            table: self.table.clone(),
            source,
        })
    }

    /// A text that an answer must have.
    fn text(&self, value: &Value, what: &'static str) -> Result<String, StreamError> {
        let text = value.as_str().map(str::to_owned);
        text.ok_or_else(|| self.lacks(what))
    }

    fn lacks(&self, missing: &'static str) -> StreamError {
        StreamError::Incomplete {
            table: self.table.clone(),
            missing,
        }
    }
}

fn as_lambda_shows(mut record: Value, stream_arn: &str) -> Value {
    record["awsRegion"] = json!(REGION);
    record["eventSourceARN"] = json!(stream_arn);
    record
}

/// A record's sequence number.
pub(super) fn sequence_number(record: &Value) -> String {
    record["dynamodb"]["SequenceNumber"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}
