//! Records of a stream, as Lambda shows them.

use dynoxide::{
    Database,
    actions::{
        describe_stream::DescribeStreamRequest, describe_table::DescribeTableRequest,
        get_records::GetRecordsRequest, get_shard_iterator::GetShardIteratorRequest,
    },
};
use serde_json::{Value, json};

use super::StreamError;
use crate::environment::REGION;

/// The most records read at once.
const READ: usize = 500;

pub(super) struct Reader {
    database: Database,
    table: String,
    /// The sequence number of the last record that is done with.
    position: Option<String>,
}

impl Reader {
    pub fn new(database: &Database, table: &str, position: Option<String>) -> Self {
        let position = position.map(|position| position.trim().to_owned());
        let position = position.filter(|position| !position.is_empty());
        Self {
            database: database.clone(),
            table: table.to_owned(),
            position,
        }
    }

    pub fn advance(&mut self, position: String) {
        self.position = Some(position);
    }

    /// The records after the position, oldest first.
    pub fn next(&self) -> Result<Vec<Value>, StreamError> {
        self.read().map_err(|reason| StreamError::Unreadable {
            table: self.table.clone(),
            reason,
        })
    }

    fn read(&self) -> Result<Vec<Value>, String> {
        let says = |error: dynoxide::DynoxideError| error.to_string();
        let table = DescribeTableRequest {
            table_name: self.table.clone(),
        };
        let table = self.database.describe_table(table).map_err(says)?.table;
        let stream_arn = table.latest_stream_arn.ok_or("the table has no stream")?;
        let stream = DescribeStreamRequest {
            stream_arn: stream_arn.clone(),
            ..Default::default()
        };
        let stream = self
            .database
            .describe_stream(stream)
            .map_err(says)?
            .stream_description;
        // The embedded database has one shard a table, for ever.
        let shard = stream
            .shards
            .into_iter()
            .next()
            .ok_or("the stream has no shard")?;
        let kind = if self.position.is_some() {
            "AFTER_SEQUENCE_NUMBER"
        } else {
            "TRIM_HORIZON"
        };
        let iterator = GetShardIteratorRequest {
            stream_arn: stream_arn.clone(),
            shard_id: shard.shard_id,
            shard_iterator_type: kind.to_owned(),
            sequence_number: self.position.clone(),
        };
        let iterator = self
            .database
            .get_shard_iterator(iterator)
            .map_err(says)?
            .shard_iterator;
        let shard_iterator = iterator.ok_or("the shard has no iterator")?;
        let records = GetRecordsRequest {
            shard_iterator,
            limit: Some(READ),
        };
        let records = self.database.get_records(records).map_err(says)?.records;
        records
            .into_iter()
            .map(|record| as_lambda_shows(&record, &stream_arn))
            .collect()
    }
}

fn as_lambda_shows(record: &impl serde::Serialize, stream_arn: &str) -> Result<Value, String> {
    let mut record = serde_json::to_value(record).map_err(|error| error.to_string())?;
    record["awsRegion"] = json!(REGION);
    record["eventSourceARN"] = json!(stream_arn);
    Ok(record)
}

/// A record's sequence number.
pub(super) fn sequence_number(record: &Value) -> String {
    record["dynamodb"]["SequenceNumber"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}
