//! What tables hold, as DynamoDB bills it.

use aws_sdk_dynamodb::Client;

use super::{assumed::StandIn, counts::short, error::CostError};
use crate::shop::{NAME, Shop};

/// What an item takes beside its bytes, in a table and in each index that has it ("Amazon DynamoDB pricing", data storage).
const PER_ITEM: i64 = 100;

/// The bytes in all tables of a shop and their indexes. Those that stand in for somebody else's system don't count.
pub async fn stored(shop: &Shop) -> Result<u64, CostError> {
    let client = shop.dynamodb.client();
    let mut bytes = 0;
    for table in shop.template.tables() {
        if StandIn::of(short(&table.name, NAME)).is_none() {
            bytes += size(&client, &table.name).await?;
        }
    }
    Ok(u64::try_from(bytes).unwrap_or_default())
}

async fn size(client: &Client, name: &str) -> Result<i64, CostError> {
    let described = client.describe_table().table_name(name).send().await;
    let described = described.map_err(|source| CostError::NoSize {
        table: name.to_owned(),
        source: source.into(),
    })?;
    let Some(table) = described.table else {
        return Ok(0);
    };
    let mut parts = vec![(table.table_size_bytes(), table.item_count())];
    for index in table.global_secondary_indexes() {
        parts.push((index.index_size_bytes(), index.item_count()));
    }
    let sizes = parts
        .into_iter()
        .map(|(bytes, items)| bytes.unwrap_or_default() + PER_ITEM * items.unwrap_or_default());
    Ok(sizes.sum())
}
