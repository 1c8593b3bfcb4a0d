use std::collections::BTreeSet;

use aws_lambda_events::event::{
    dynamodb::{Event, EventRecord},
    streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse},
};
use domain::{ProductId, Timestamp};
use store::{Failure, catalogue::movement::CatalogueChange, item::Item};

use crate::Stream;

/// The catalogue table's stream: writes down every movement of stock, once, brings the number of available pieces that
/// products show up to date, and finishes changes of offers that were cut short.
///
/// Stops at the first record it can't deal with and says which, so that the stream goes on from there.
pub async fn record_stock_movements(
    shop: &Stream,
    event: Event,
) -> Result<DynamoDbEventResponse, Failure> {
    let mut moved: BTreeSet<ProductId> = BTreeSet::new();
    let mut response = DynamoDbEventResponse::default();
    for record in event.records {
        let sequence = record.change.sequence_number.clone();
        if let Err(error) = record_one(shop, record, &mut moved).await {
            tracing::error!(
                sequence,
                error = &error as &dyn std::error::Error,
                "a record was not dealt with"
            );
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = sequence;
            response.batch_item_failures.push(failure);
            break;
        }
    }
    shop.catalogue.refresh_available(&moved).await?;
    Ok(response)
}

async fn record_one(
    shop: &Stream,
    record: EventRecord,
    moved: &mut BTreeSet<ProductId>,
) -> Result<(), Failure> {
    if record.change.new_image.is_empty() {
        return Ok(()); // Buckets are never removed; whoever deletes one by hand moves nothing.
    }
    let old = Some(record.change.old_image).filter(|old| !old.is_empty());
    let change = CatalogueChange {
        old: old.map(Item::from),
        new: Item::from(record.change.new_image),
        at: Timestamp::from_millis(
            record
                .change
                .approximate_creation_date_time
                .timestamp_millis(),
        ),
    };
    if change.is_unfinished_offer() {
        return shop.catalogue.finish_offer(&change.product()?).await;
    }
    if let Some((movement, version)) = change.movement()? {
        shop.catalogue.record_movement(&movement, version).await?;
        moved.insert(movement.product_id);
    }
    Ok(())
}
