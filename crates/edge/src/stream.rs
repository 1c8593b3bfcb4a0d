//! Records of a table's stream, as an operation without a route gets them.

use aws_lambda_events::event::{
    dynamodb::EventRecord,
    streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse},
};
use store::item::Item;
use tracing::{error, warn};

/// A batch of records.
pub type StreamEvent = aws_lambda_events::event::dynamodb::Event;

/// A record's item before and after; `None` for one that was removed, which no operation here does.
pub fn images(record: EventRecord) -> Option<(Option<Item>, Item)> {
    if record.change.new_image.is_empty() {
        return None;
    }
    let old = Some(record.change.old_image).filter(|old| !old.is_empty());
    Some((old.map(Item::from), Item::from(record.change.new_image)))
}

/// Notes that nothing will come of something: `what` is its id.
pub fn given_up(what: &str, error: &(dyn std::error::Error + 'static)) {
    warn!(what, error, "given up");
}

/// The answer that everything was dealt with; or everything before the record with this sequence number, at which the
/// stream is to go on.
pub fn dealt_with(
    stopped: Option<(Option<String>, &(dyn std::error::Error + 'static))>,
) -> DynamoDbEventResponse {
    let mut response = DynamoDbEventResponse::default();
    if let Some((sequence, error)) = stopped {
        error!(sequence, error, "a record was not dealt with");
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier = sequence;
        response.batch_item_failures.push(failure);
    }
    response
}
