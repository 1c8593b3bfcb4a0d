//! What tables hold, as DynamoDB bills it.

use aws_sdk_dynamodb::Client;

use super::{assumed::StandIn, audits::audited, counts::short, error::CostError};
use crate::shop::{NAME, Shop};

/// What an item takes beside its bytes, in a table and in each index that has it ("Amazon DynamoDB pricing", data storage).
const PER_ITEM: u64 = 100;

/// Bytes in the tables of a shop. Those that stand in for somebody else's system don't count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// In all tables and their indexes, as they are billed.
    pub kept: u64,
    /// In the tables alone, as point-in-time recovery is billed: by what a table holds and its local indexes, of which the
    /// shop has none, and not by its global ones ("Enable point-in-time recovery in DynamoDB", Amazon DynamoDB developer guide).
    pub recoverable: u64,
    /// In the items that an audit reads.
    pub audited: u64,
}

impl Stored {
    /// By how much it grew.
    pub fn since(self, before: Self) -> Self {
        Self {
            kept: self.kept.saturating_sub(before.kept),
            recoverable: self.recoverable.saturating_sub(before.recoverable),
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
            let size = size(&client, &table.name).await?;
            stored.kept += size.table + size.indexes;
            stored.recoverable += size.table;
            if audited.contains(&table.name.as_str()) {
                stored.audited += size.items;
            }
        }
    }
    Ok(stored)
}

/// The bytes of a table.
#[derive(Default)]
struct Size {
    /// Of its items.
    items: u64,
    /// Of its items, as they are billed.
    table: u64,
    /// Of its global indexes, as they are billed.
    indexes: u64,
}

async fn size(client: &Client, name: &str) -> Result<Size, CostError> {
    let described = client.describe_table().table_name(name).send().await;
    let described = described.map_err(|source| CostError::NoSize {
        table: name.to_owned(),
        source: source.into(),
    })?;
    let Some(table) = described.table else {
        return Ok(Size::default());
    };
    let items = unsigned(table.table_size_bytes());
    let indexes = table.global_secondary_indexes().iter();
    let indexes = indexes.map(|index| {
        let bytes = unsigned(index.index_size_bytes());
        bytes + PER_ITEM * unsigned(index.item_count())
    });
    Ok(Size {
        items,
        table: items + PER_ITEM * unsigned(table.item_count()),
        indexes: indexes.sum(),
    })
}

/// A number of bytes or items, which the SDK gives as if it could be less than none.
fn unsigned(number: Option<i64>) -> u64 {
    number
        .and_then(|it| u64::try_from(it).ok())
        .unwrap_or_default()
}
