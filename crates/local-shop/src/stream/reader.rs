//! Where the reading of a table's stream stands. On one machine a stream has one shard, for ever.

use cloud::{
    TableStream, UnreadStream,
    streams::{Part, Shard},
};
use serde_json::Value;
use store::Connection;

pub(super) struct Reader {
    connection: Connection,
    table: String,
    /// Where the records are, once that is known.
    found: Option<(TableStream, Shard)>,
    /// The sequence number of the last record that is done with.
    position: Option<String>,
}

impl Reader {
    pub fn new(connection: Connection, table: &str, position: Option<String>) -> Self {
        let position = position.map(|position| position.trim().to_owned());
        Self {
            connection,
            table: table.to_owned(),
            found: None,
            position: position.filter(|position| !position.is_empty()),
        }
    }

    pub fn advance(&mut self, position: String) {
        self.position = Some(position);
    }

    /// The records after the position, oldest first.
    pub async fn next(&mut self) -> Result<Vec<Value>, UnreadStream> {
        let (stream, shard) = match self.found.take() {
            Some(found) => self.found.insert(found),
            None => {
                let stream = TableStream::find(&self.connection, &self.table).await?;
                let shard = stream.only_shard().await?;
                self.found.insert((stream, shard))
            }
        };
        let iterator = stream.iterator(shard, self.position.as_deref()).await?;
        let Part { records, .. } = stream.read(&iterator).await?;
        Ok(records)
    }
}
