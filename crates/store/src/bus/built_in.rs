//! The event bus for one machine and for trying things out: a log in a table of its own, that can be followed.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Timestamp;

use super::{EventBus, HandedOver, Publishing, Unpublished};
use crate::{
    Db,
    db::{Applied, Query},
    error::{Corrupt, Failure},
    item::{Item, json},
    keys,
    orders::OrderChange,
    write::{Is, Write},
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

impl BuiltIn {
    /// The bus whose log is the table with this name.
    pub fn new(db: Arc<Db>, table: String) -> Self {
        Self { db, table }
    }

    /// Everything in the log, oldest first, or what arrived at `since` and later. An event can be written a little after
    /// the time it bears, so whoever follows the log looks back some seconds, and knows an event again by its id.
    pub async fn read(&self, since: Option<Timestamp>) -> Result<Vec<Published>, Failure> {
        let since = since.map(|since| AttributeValue::N(since.as_millis().to_string()));
        let query = Query {
            table: &self.table,
            index: Some(keys::BY_TIME),
            hash: ("bus", keys::BUS),
            range: since.map(|since| ("published_at", ">=", since)),
            ascending: true,
            limit: 500,
            start: None,
        };
        let items = self.db.query_all(query).await?;
        Ok(items.iter().map(read).collect::<Result<_, _>>()?)
    }

    /// Fails when the log can't be written. It writes nothing: an event that has no id would have to be there already. So it
    /// needs no other right than whoever tells the bus.
    pub async fn look(&self) -> Result<(), Failure> {
        let never = Write::put(&self.table, keys::event("")).only_if("pk", Is::Present);
        self.write(never).await.map(drop)
    }

    /// The write of an event that the log does not have.
    fn once(&self, event: &OrderChange) -> Write {
        let item = keys::event(&event.id)
            .with("event", json(event))
            .with("bus", keys::BUS)
            .with("published_at", self.db.now().as_millis());
        Write::create(&self.table, item)
    }

    /// Whether it was written.
    async fn write(&self, write: Write) -> Result<bool, Failure> {
        self.db.write(write).await.applied()
    }
}

impl EventBus for BuiltIn {
    fn publish<'a>(&'a self, events: &'a [OrderChange]) -> Publishing<'a> {
        Box::pin(async move {
            let mut new = 0;
            for (at, event) in events.iter().enumerate() {
                let is_new = self.write(self.once(event)).await;
                let is_new = is_new.map_err(|failure| Unpublished {
                    at,
                    beyond: Vec::new(),
                    new: Some(new),
                    may_pass: failure.may_pass(),
                    source: failure.into(),
                })?;
                new += usize::from(is_new);
            }
            Ok(HandedOver { new: Some(new) })
        })
    }
}

/// The event that an item of the log holds.
pub fn read(item: &Item) -> Result<Published, Corrupt> {
    let event = item.json("event")?;
    Ok(Published {
        event: event.ok_or_else(|| item.corrupt("event"))?,
        at: Timestamp::from_millis(item.number("published_at")?),
    })
}
