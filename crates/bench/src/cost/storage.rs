//! What tables hold, as DynamoDB bills it.

use aws_sdk_dynamodb::Client;

use super::{assumed::StandIn, audits::audited, counts::short, error::CostError};
use crate::shop::{NAME, Shop};

/// What an item takes beside its bytes, in a table and in each index that has it ("Amazon DynamoDB pricing", data storage).
const PER_ITEM: i64 = 100;

/// Bytes in the tables of a shop. Those that stand in for somebody else's system don't count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// In all tables and their indexes, as they are billed.
    pub kept: u64,
    /// In the items that an audit reads.
    pub audited: u64,
}

impl Stored {
    /// By how much it grew.
    pub fn since(self, before: Self) -> Self {
        Self {
            kept: self.kept.saturating_sub(before.kept),
            audited: self.audited.saturating_sub(before.audited),
        }
    }
}

/// What is in the tables of a shop.
pub async fn stored(shop: &Shop) -> Result<Stored, CostError> {
    let client = shop.dynamodb.client();
    let audited = audited(&shop.template)?;
    let mut stored = Stored::default();
    for table in shop.template.tables() {
        if StandIn::of(short(&table.name, NAME)).is_none() {
            let (items, kept) = size(&client, &table.name).await?;
            stored.kept += kept;
            if audited.contains(&table.name.as_str()) {
                stored.audited += items;
            }
        }
    }
    Ok(stored)
}

/// The bytes of a table's items, and those that are billed.
async fn size(client: &Client, name: &str) -> Result<(u64, u64), CostError> {
    let described = client.describe_table().table_name(name).send().await;
    let described = described.map_err(|source| CostError::NoSize {
        table: name.to_owned(),
        source: source.into(),
    })?;
    let Some(table) = described.table else {
        return Ok((0, 0));
    };
    let mut parts = vec![(table.table_size_bytes(), table.item_count())];
    for index in table.global_secondary_indexes() {
        parts.push((index.index_size_bytes(), index.item_count()));
    }
    let billed: i64 = parts
        .iter()
        .map(|(bytes, items)| bytes.unwrap_or_default() + PER_ITEM * items.unwrap_or_default())
        .sum();
    let items = table.table_size_bytes().unwrap_or_default();
    let bytes = |bytes: i64| u64::try_from(bytes).unwrap_or_default();
    Ok((bytes(items), bytes(billed)))
}
