//! The event bus for one machine and for trying things out: a log in a table of its own, that can be followed.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Timestamp;

use super::{EventBus, Publishing};
use crate::{
    Db,
    db::{Applied, Query},
    error::{Corrupt, Failure},
    item::{Item, json},
    keys,
    orders::OrderChange,
    write::Write,
};

/// The built-in bus.
pub struct BuiltIn {
    db: Arc<Db>,
    table: String,
}

/// An event in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The event.
    pub event: OrderChange,
    /// When it arrived, to the millisecond.
    pub at: Timestamp,
}

/// A place in the log: after this event.
#[derive(Clone, Debug, PartialEq)]
pub struct Bookmark(Item);

impl BuiltIn {
    /// The bus whose log is the table with this name.
    pub fn new(db: Arc<Db>, table: String) -> Self {
        Self { db, table }
    }

    /// Everything in the log after `bookmark`, oldest first, and where it goes on.
    pub async fn read(
        &self,
        bookmark: Option<Bookmark>,
    ) -> Result<(Vec<Published>, Option<Bookmark>), Failure> {
        let mut published = Vec::new();
        let mut last = bookmark.map(|Bookmark(item)| item);
        loop {
            let query = Query {
                table: &self.table,
                index: Some(keys::BY_TIME),
                hash: ("bus", keys::BUS),
                range: None,
                ascending: true,
                limit: 500,
                start: last.clone(),
            };
            let page = self.db.query(query).await?;
            for item in &page.items {
                published.push(read(item)?);
                last = Some(place(item));
            }
            if page.next.is_none() {
                return Ok((published, last.map(Bookmark)));
            }
        }
    }

    async fn write(&self, event: &OrderChange) -> Result<(), Failure> {
        let item = keys::event(&event.id)
            .with("event", json(event))
            .with("bus", keys::BUS)
            .with("published_at", self.db.now().as_millis());
        let once = Write::create(&self.table, item);
        self.db.write(once).await.applied().map(drop)
    }
}

impl EventBus for BuiltIn {
    fn publish<'a>(&'a self, events: &'a [OrderChange]) -> Publishing<'a> {
        Box::pin(async move {
            let mut outcomes = Vec::with_capacity(events.len());
            for event in events {
                outcomes.push(self.write(event).await.map_err(Into::into));
            }
            outcomes
        })
    }
}

/// The event that an item of the log holds.
pub(crate) fn read(item: &Item) -> Result<Published, Corrupt> {
    let event = item.json("event")?;
    Ok(Published {
        event: event.ok_or_else(|| item.corrupt("event"))?,
        at: Timestamp::from_millis(item.number("published_at")?),
    })
}

/// An item's place in the index.
fn place(item: &Item) -> Item {
    let of = |name: &str| {
        let value = item.0.get(name).cloned();
        let value = value.unwrap_or_else(|| AttributeValue::S(String::new()));
        (name.to_owned(), value)
    };
    Item(["pk", "bus", "published_at"].map(of).into())
}
