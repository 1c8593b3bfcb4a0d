//! The DynamoDB that the shop keeps everything in, and its reads. Writes are in `persist`.
//!
//! The public functions are doors: each says where it is called from ([`site`]), which an `async fn` can't know
//! of its caller, and leaves the work to an async function behind it.

use std::{collections::HashMap, pin::Pin};

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, KeysAndAttributes},
};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use domain::Timestamp;
use tracing::{Instrument, debug_span};

use crate::{
    cancellation::{self, Reason},
    connection::Connection,
    error::{Because, Failure},
    item::Item,
    meter,
    retry::{ATTEMPTS, RetryBudget, backoff},
    service_error::Call,
    site,
};

/// A call, in a span of its own and on the meter, which show where a request's time goes. It is boxed, since the SDK's
/// futures are so deeply nested that the compiler gives up on an operation made of several.
pub(crate) fn traced<'a, T>(
    call: &'static str,
    sent: impl Future<Output = T> + Send + 'a,
) -> Pin<Box<dyn Future<Output = T> + Send + 'a>> {
    let span = debug_span!("dynamodb", call);
    Box::pin(
        async move {
            let _running = meter::Running::start();
            sent.await
        }
        .instrument(span),
    )
}

/// An item as the SDK gives it.
type Attributes = HashMap<String, AttributeValue>;

/// A DynamoDB and a clock.
pub struct Db {
    pub(crate) client: Client,
    clock: SharedTimeSource,
    pub(crate) budget: RetryBudget,
}

/// Why a conditional write to one item did not happen.
#[derive(Debug)]
pub enum NotWritten {
    /// A condition did not hold; here is the item, if there is one.
    Condition(Option<Item>),
    /// The store failed.
    Failed(Failure),
}

/// Why a transaction did not happen.
#[derive(Debug)]
pub enum NotCommitted {
    /// Conditions did not hold: a reason for each write, in their order.
    Refused(Vec<Reason>),
    /// The store failed.
    Failed(Failure),
}

/// Whether what was to be written under conditions was written.
pub trait Applied {
    /// True when the conditions held, false when they did not and nothing was written.
    fn applied(self) -> Result<bool, Failure>;
}

impl<T> Applied for Result<T, NotWritten> {
    fn applied(self) -> Result<bool, Failure> {
        match self {
            Ok(_) => Ok(true),
            Err(NotWritten::Condition(_)) => Ok(false),
            Err(NotWritten::Failed(failure)) => Err(failure),
        }
    }
}

impl Applied for Result<(), NotCommitted> {
    fn applied(self) -> Result<bool, Failure> {
        match self {
            Ok(()) => Ok(true),
            Err(NotCommitted::Refused(_)) => Ok(false),
            Err(NotCommitted::Failed(failure)) => Err(failure),
        }
    }
}

/// A part of a query's answer.
pub struct Page {
    /// The items, in the index's order.
    pub items: Vec<Item>,
    /// Where the next part begins; `None` at the end.
    pub next: Option<Item>,
}

impl Page {
    fn of(items: Option<Vec<Attributes>>, next: Option<Attributes>) -> Self {
        Self {
            items: items
                .unwrap_or_default()
                .into_iter()
                .map(Item::from)
                .collect(),
            next: next.map(Item::from),
        }
    }
}

/// A query of a table or index.
#[derive(Clone)]
pub struct Query<'a> {
    /// The table.
    pub table: &'a str,
    /// The index; the table itself when absent.
    pub index: Option<&'a str>,
    /// Name and value of the hash key.
    pub hash: (&'a str, &'a str),
    /// A condition on the range key: name, operator, value.
    pub range: Option<(&'a str, &'a str, AttributeValue)>,
    /// Whether the lowest come first.
    pub ascending: bool,
    /// The most items to read.
    pub limit: i32,
    /// Begins after this key.
    pub start: Option<Item>,
}

impl Db {
    /// The DynamoDB at this connection, with the system's clock.
    pub fn connect(connection: &Connection) -> Self {
        Self::new(
            connection.client(),
            SharedTimeSource::new(SystemTimeSource::new()),
        )
    }

    /// This client with this clock.
    pub fn new(client: Client, clock: SharedTimeSource) -> Self {
        Self {
            client,
            clock,
            budget: RetryBudget::default(),
        }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        let since = self
            .clock
            .now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// The item with this key, as it is now.
    #[track_caller]
    pub fn get(
        &self,
        table: &str,
        key: Item,
    ) -> impl Future<Output = Result<Option<Item>, Failure>> {
        site::called();
        self.get_with(table, key, true)
    }

    /// The item with this key, as it was within the last moments: half the price of [`Db::get`].
    #[track_caller]
    pub fn get_lately(
        &self,
        table: &str,
        key: Item,
    ) -> impl Future<Output = Result<Option<Item>, Failure>> {
        site::called();
        self.get_with(table, key, false)
    }

    async fn get_with(
        &self,
        table: &str,
        key: Item,
        consistent: bool,
    ) -> Result<Option<Item>, Failure> {
        let request = self
            .client
            .get_item()
            .table_name(table)
            .set_key(Some(key.into()))
            .consistent_read(consistent);
        let call = Call::of("GetItem", table);
        let answer = traced(call.name, request.send())
            .await
            .map_err(|error| cancellation::of_read(call, error))?;
        Ok(answer.item.map(Item::from))
    }

    /// The items with these keys, each as it is now, in the keys' order. Reads of 100 at a time, in turn.
    #[track_caller]
    pub fn get_all(
        &self,
        keys: &[(&str, Item)],
    ) -> impl Future<Output = Result<Vec<Option<Item>>, Failure>> {
        site::called();
        self.get_batches(keys)
    }

    async fn get_batches(&self, keys: &[(&str, Item)]) -> Result<Vec<Option<Item>>, Failure> {
        let mut found = Vec::with_capacity(keys.len());
        for keys in keys.chunks(100) {
            let mut items = self.get_batch(keys).await?;
            found.extend(keys.iter().map(|(table, key)| {
                let items = items.get_mut(*table)?;
                let at = items.iter().position(|item| {
                    key.0
                        .iter()
                        .all(|(name, value)| item.0.get(name) == Some(value))
                })?;
                Some(items.swap_remove(at))
            }));
        }
        Ok(found)
    }

    async fn get_batch(
        &self,
        keys: &[(&str, Item)],
    ) -> Result<HashMap<String, Vec<Item>>, Failure> {
        let mut wanted: HashMap<String, Vec<HashMap<String, AttributeValue>>> = HashMap::new();
        for (table, key) in keys {
            let keys = wanted.entry((*table).to_owned()).or_default();
            let key = HashMap::from(key.clone());
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        let mut asked: HashMap<String, KeysAndAttributes> = HashMap::new();
        for (table, keys) in wanted {
            let keys = KeysAndAttributes::builder()
                .set_keys(Some(keys))
                .consistent_read(true)
                .build();
            asked.insert(
                table,
                keys.map_err(|error| Failure::Rejected(Box::new(error)))?,
            );
        }
        let mut found: HashMap<String, Vec<Item>> = HashMap::new();
        for attempt in 0..ATTEMPTS {
            let request = self.client.batch_get_item().set_request_items(Some(asked));
            let call = Call::named("BatchGetItem");
            let answer = traced(call.name, request.send())
                .await
                .map_err(|error| cancellation::of_read(call, error))?;
            for (table, items) in answer.responses.unwrap_or_default() {
                found
                    .entry(table)
                    .or_default()
                    .extend(items.into_iter().map(Item::from));
            }
            asked = answer.unprocessed_keys.unwrap_or_default();
            if asked.is_empty() {
                return Ok(found);
            }
            tokio::time::sleep(backoff(attempt)).await;
        }
        Err(Failure::Busy(Box::new(Because(
            "DynamoDB left keys of a batch unread",
        ))))
    }

    /// A part of a table or index. Indexes and this read lag behind by moments.
    #[track_caller]
    pub fn query(&self, query: Query<'_>) -> impl Future<Output = Result<Page, Failure>> {
        site::called();
        self.query_page(query)
    }

    /// All of a table or index that a query asks for, however many parts that takes.
    #[track_caller]
    pub fn query_all(&self, query: Query<'_>) -> impl Future<Output = Result<Vec<Item>, Failure>> {
        site::called();
        self.query_pages(query)
    }

    async fn query_page(&self, query: Query<'_>) -> Result<Page, Failure> {
        let (hash, value) = query.hash;
        let mut condition = "#hash = :hash".to_owned();
        let mut request = self
            .client
            .query()
            .table_name(query.table)
            .set_index_name(query.index.map(str::to_owned))
            .expression_attribute_names("#hash", hash)
            .expression_attribute_values(":hash", AttributeValue::S(value.to_owned()))
            .scan_index_forward(query.ascending)
            .limit(query.limit)
            .set_exclusive_start_key(query.start.map(HashMap::from));
        if let Some((range, operator, value)) = query.range {
            condition.push_str(&format!(" AND #range {operator} :range"));
            request = request
                .expression_attribute_names("#range", range)
                .expression_attribute_values(":range", value);
        }
        let request = request.key_condition_expression(condition);
        let call = Call::of("Query", query.table).by(query.index);
        let answer = traced(call.name, request.send())
            .await
            .map_err(|error| cancellation::of_read(call, error))?;
        Ok(Page::of(answer.items, answer.last_evaluated_key))
    }

    async fn query_pages(&self, mut query: Query<'_>) -> Result<Vec<Item>, Failure> {
        let mut items = Vec::new();
        loop {
            let page = self.query_page(query.clone()).await?;
            items.extend(page.items);
            query.start = page.next;
            if query.start.is_none() {
                return Ok(items);
            }
        }
    }

    /// A part of a whole table, in no order.
    #[track_caller]
    pub fn scan(
        &self,
        table: &str,
        start: Option<Item>,
    ) -> impl Future<Output = Result<Page, Failure>> {
        site::called();
        self.scan_page(table, start)
    }

    async fn scan_page(&self, table: &str, start: Option<Item>) -> Result<Page, Failure> {
        let request = self
            .client
            .scan()
            .table_name(table)
            .consistent_read(true)
            .set_exclusive_start_key(start.map(HashMap::from));
        let call = Call::of("Scan", table);
        let answer = traced(call.name, request.send())
            .await
            .map_err(|error| cancellation::of_read(call, error))?;
        Ok(Page::of(answer.items, answer.last_evaluated_key))
    }
}
