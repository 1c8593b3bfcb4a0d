use aws_lambda_events::event::{
    dynamodb::{Event, EventRecord},
    streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse},
};
use store::{Failure, error::Source, item::Item, orders::OrderChange};

use crate::Events;

/// The orders table's stream: tells the event bus of every status that an order reaches, in their order.
///
/// Stops at the first record that can't be published and says which, so that the stream goes on from there.
pub async fn publish_order_events(
    shop: &Events,
    event: Event,
) -> Result<DynamoDbEventResponse, Failure> {
    let mut response = DynamoDbEventResponse::default();
    let mut sequences = Vec::new();
    let mut changes = Vec::new();
    let mut failed = None;
    for record in event.records {
        let sequence = record.change.sequence_number.clone();
        match change(record) {
            Ok(None) => {}
            Ok(Some(change)) => {
                sequences.push(sequence);
                changes.push(change);
            }
            Err(failure) => {
                failed = Some((sequence, Source::from(failure)));
                break;
            }
        }
    }
    let published = shop.bus.publish(&changes).await;
    let mut outcomes = sequences.into_iter().zip(published);
    // What was not published comes before what could not be read.
    let unpublished = outcomes.find_map(|(sequence, outcome)| Some((sequence, outcome.err()?)));
    if let Some((sequence, error)) = unpublished.or(failed) {
        let error = error.as_ref() as &dyn std::error::Error;
        tracing::error!(sequence, error, "a record was not published");
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier = sequence;
        response.batch_item_failures.push(failure);
    }
    Ok(response)
}

fn change(record: EventRecord) -> Result<Option<OrderChange>, Failure> {
    if record.change.new_image.is_empty() {
        return Ok(None); // Orders are never removed; whoever deletes one by hand changes no status.
    }
    let old = Some(record.change.old_image).filter(|old| !old.is_empty());
    let (old, new) = (old.map(Item::from), Item::from(record.change.new_image));
    Ok(OrderChange::between(old.as_ref(), &new)?)
}
