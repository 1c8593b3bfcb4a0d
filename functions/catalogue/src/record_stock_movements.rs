use std::collections::BTreeSet;

use aws_lambda_events::event::{dynamodb::EventRecord, streams::DynamoDbEventResponse};
use domain::ProductId;
use edge::stream::{StreamEvent, catalogue_change, each_record};
use store::Failure;

use crate::Stream;

/// The catalogue table's stream: writes down every movement of stock, once, brings the number of available pieces that
/// products show up to date, and finishes changes of offers that were cut short.
///
/// Stops at the first record it can't deal with and says which, so that the stream goes on from there.
pub async fn record_stock_movements(
    shop: &Stream,
    event: StreamEvent,
) -> Result<DynamoDbEventResponse, Failure> {
    let mut moved: BTreeSet<ProductId> = BTreeSet::new();
    let answer = each_record(event.records, async |record| {
        record_one(shop, record, &mut moved).await?;
        Ok(())
    })
    .await;
    shop.catalogue.refresh_available(&moved).await?;
    Ok(answer)
}

async fn record_one(
    shop: &Stream,
    record: EventRecord,
    moved: &mut BTreeSet<ProductId>,
) -> Result<(), Failure> {
    let Some(change) = catalogue_change(record) else {
        return Ok(());
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
