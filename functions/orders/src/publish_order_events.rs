use aws_lambda_events::event::{dynamodb::EventRecord, streams::DynamoDbEventResponse};
use edge::stream::{StreamEvent, dealt_with, images};
use store::{Failure, error::Source, orders::OrderChange};

use crate::Events;

/// The orders table's stream: tells the event bus of every status that an order reaches, at least once, each order's in
/// their order.
///
/// Stops at the first record that can't be published and says which, so that the stream goes on from there.
pub async fn publish_order_events(
    shop: &Events,
    event: StreamEvent,
) -> Result<DynamoDbEventResponse, Failure> {
    let (sequences, changes, unreadable) = changes(event.records);
    let unpublished = match shop.bus.publish(&changes).await {
        Ok(_) => unreadable,
        Err(unpublished) => Some((sequences[unpublished.at].clone(), unpublished.source)),
    };
    let stopped = unpublished.as_ref();
    Ok(dealt_with(stopped.map(|(sequence, error)| {
        (
            sequence.clone(),
            error.as_ref() as &(dyn std::error::Error + 'static),
        )
    })))
}

type Sequence = Option<String>;

/// The changes of status in these records with their sequence numbers, up to the first that can't be read.
fn changes(
    records: Vec<EventRecord>,
) -> (Vec<Sequence>, Vec<OrderChange>, Option<(Sequence, Source)>) {
    let (mut sequences, mut changes) = (Vec::new(), Vec::new());
    for record in records {
        let sequence = record.change.sequence_number.clone();
        let Some((old, new)) = images(record) else {
            continue;
        };
        match OrderChange::between(old.as_ref(), &new) {
            Ok(None) => {}
            Ok(Some(change)) => {
                sequences.push(sequence);
                changes.push(change);
            }
            Err(corrupt) => return (sequences, changes, Some((sequence, corrupt.into()))),
        }
    }
    (sequences, changes, None)
}
