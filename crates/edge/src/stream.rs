//! Records of a table's stream, as an operation without a route gets them.

use aws_lambda_events::event::{
    dynamodb::EventRecord,
    streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse},
};
use domain::Timestamp;
use store::{
    catalogue::movement::CatalogueChange,
    item::Item,
    mail::{Mailer, Message, NotSent},
};
use tracing::{error, warn};

use crate::BoxError;

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

/// What a record of the catalogue table tells; `None` for an item that was removed. Buckets never are, and whoever deletes one
/// by hand moves nothing.
pub fn catalogue_change(record: EventRecord) -> Option<CatalogueChange> {
    let at = record.change.approximate_creation_date_time;
    let (old, new) = images(record)?;
    Some(CatalogueChange {
        old,
        new,
        at: Timestamp::from_millis(at.timestamp_millis()),
    })
}

/// Deals with each record in turn, and answers that all were dealt with; or with those before the first that can't be now, which
/// it says in the log, and from which the stream is to go on.
pub async fn each_record(
    records: Vec<EventRecord>,
    mut deal: impl AsyncFnMut(EventRecord) -> Result<(), BoxError>,
) -> DynamoDbEventResponse {
    for record in records {
        let sequence = record.change.sequence_number.clone();
        if let Err(error) = deal(record).await {
            return dealt_with(Some((sequence, error.as_ref())));
        }
    }
    dealt_with(None)
}

/// Hands a message over. One that the mailer will never take is given up, so that it keeps no other waiting.
pub async fn mail(mailer: &dyn Mailer, message: &Message) -> Result<(), NotSent> {
    match mailer.send(message).await {
        Err(NotSent::Refused(error)) => {
            given_up(&message.id, error.as_ref());
            Ok(())
        }
        sent => sent,
    }
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
        comes_again(&mut response, sequence);
    }
    response
}

/// Has an answer say that something is to come again.
pub(crate) fn comes_again(response: &mut DynamoDbEventResponse, identifier: Option<String>) {
    let mut failure = DynamoDbBatchItemFailure::default();
    failure.item_identifier = identifier;
    response.batch_item_failures.push(failure);
}
