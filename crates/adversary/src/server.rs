//! One request at the server: what it may see, conflicts, throttling, and then dynoxide.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use dynoxide::Database;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{
    commit::{Commit, Image, Watcher},
    engine::{self, Answer},
    fate::Fate,
    faults::Faults,
    footprint::{Footprint, ItemKey},
    holds::Holds,
    items::Items,
    meter::Meter,
    replica::Replica,
    tables::Tables,
    throttle::{Partition, Throttle},
    tokens::Tokens,
    units::{self, Units},
};

/// The server.
pub(crate) struct Server {
    began: Instant,
    pub(crate) database: Database,
    pub(crate) holds: Mutex<Holds>,
    pub(crate) items: Mutex<Items>,
    pub(crate) meter: Mutex<Meter>,
    pub(crate) tokens: Mutex<Tokens>,
    pub(crate) watchers: Mutex<Vec<Watcher>>,
    replica: Mutex<Replica>,
    throttle: Mutex<Throttle>,
    tables: Mutex<Tables>,
}

/// A request at the server.
pub(crate) struct Visit<'a> {
    pub(crate) operation: &'a str,
    pub(crate) faults: &'a Faults,
    pub(crate) fate: &'a Fate,
}

impl Server {
    pub(crate) fn new(began: Instant, database: Database, replica: Database) -> Self {
        Self {
            began,
            database,
            holds: Mutex::default(),
            items: Mutex::default(),
            meter: Mutex::default(),
            tokens: Mutex::default(),
            watchers: Mutex::default(),
            replica: Mutex::new(Replica::new(replica)),
            throttle: Mutex::default(),
            tables: Mutex::default(),
        }
    }

    pub(crate) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Answers a request that arrives now.
    pub(crate) async fn serve(&self, visit: &Visit<'_>, body: Value) -> Answer {
        let operation = visit.operation;
        *lock(&self.meter)
            .requests
            .entry(operation.to_owned())
            .or_default() += 1;
        let footprint = Footprint::of(operation, &body, &lock(&self.tables));
        match footprint {
            Footprint::Tables => self.declare(operation, body),
            Footprint::Reads(items) => self.read(visit, body, items).await,
            Footprint::Scans => engine::carry_out(&self.database, operation, body),
            Footprint::Lags => lock(&self.replica).read(operation, body, self.now()),
            Footprint::Writes(item) => self.write(visit, body, &item),
            Footprint::Transacts(items) => self.transact(visit, body, &items).await,
        }
    }

    fn declare(&self, operation: &str, mut body: Value) -> Answer {
        if operation == "CreateTable" {
            lock(&self.tables).declare(&body);
            // Whoever wants to know of writes watches them. The engine would keep its own records of them, at a cost that
            // grows with their number.
            if let Some(request) = body.as_object_mut() {
                request.remove("StreamSpecification");
            }
        }
        lock(&self.replica).follow(operation, &body);
        engine::carry_out(&self.database, operation, body)
    }

    /// Reads items one by one, each as it is at its moment.
    async fn read(&self, visit: &Visit<'_>, body: Value, keys: Vec<ItemKey>) -> Answer {
        if visit.operation == "GetItem" {
            let item = keys.first().and_then(|key| self.visible(key));
            return Answer::ok(match item {
                Some(item) => json!({ "Item": item }),
                None => json!({}),
            });
        }
        if keys.is_empty() || keys.len() > 100 {
            return engine::carry_out(&self.database, visit.operation, body);
        }
        // Which of the moments over which the batch is spread each key is read at.
        let mut dice = fastrand::Rng::with_seed(visit.fate.dice);
        let moments = u64::try_from(visit.faults.spread.as_millis()).unwrap_or(u64::MAX) + 1;
        let mut due: Vec<(u64, ItemKey)> = keys
            .into_iter()
            .map(|key| (dice.u64(..moments), key))
            .collect();
        due.sort();
        let read = if visit.fate.unread {
            due.len() / 2
        } else {
            due.len()
        };
        let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let mut unread: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let began = self.now();
        for (index, (moment, key)) in due.into_iter().enumerate() {
            if index >= read {
                let wanted = serde_json::from_str(&key.1).unwrap_or_default();
                unread.entry(key.0).or_default().push(wanted);
                continue;
            }
            let at = began + Duration::from_millis(moment);
            let wait = at.saturating_sub(self.now());
            if !wait.is_zero() {
                sleep(wait).await;
            }
            let item = self.visible(&key);
            let of_table = found.entry(key.0).or_default();
            of_table.extend(item.as_deref().cloned());
        }
        let again = unread
            .into_iter()
            .map(|(table, keys)| (table, json!({"Keys": keys, "ConsistentRead": true})));
        let again: serde_json::Map<String, Value> = again.collect();
        Answer::ok(json!({"Responses": found, "UnprocessedKeys": again}))
    }

    fn visible(&self, key: &ItemKey) -> Option<Image> {
        lock(&self.items).visible(key, self.now()).cloned()
    }

    fn write(&self, visit: &Visit<'_>, body: Value, item: &ItemKey) -> Answer {
        if lock(&self.holds).is_held(item) {
            lock(&self.meter).conflicts += 1;
            let message = "Transaction is ongoing for the item";
            return Answer::error(400, "TransactionConflictException", message);
        }
        let new = body["Item"].as_object().map(|_| &body["Item"]);
        if self.throttled(visit, &[(item, new)]).is_some() {
            let name = "ProvisionedThroughputExceededException";
            let message = "The level of configured provisioned throughput was exceeded";
            return Answer::error(400, name, message);
        }
        let answer = engine::carry_out(&self.database, visit.operation, body);
        self.note(visit, std::slice::from_ref(item), answer.is_ok(), false);
        answer
    }

    /// Notes what became of items that a request was about: what it cost, and if it was carried out, what they hold now.
    pub(crate) fn note(
        &self,
        visit: &Visit<'_>,
        items: &[ItemKey],
        carried_out: bool,
        in_transaction: bool,
    ) {
        let at = self.now();
        let mut cost = Units::new();
        let mut changes = Vec::new();
        for key in items {
            let old = lock(&self.items).current(key).cloned();
            let new = if carried_out {
                self.fetch(key)
            } else {
                old.clone()
            };
            if let Some(table) = lock(&self.tables).get(&key.0) {
                let units = units::of_write(
                    &key.0,
                    table,
                    old.as_deref(),
                    new.as_deref(),
                    in_transaction,
                );
                for (partition, units) in units {
                    *cost.entry(partition).or_default() += units;
                }
            }
            if let Some(change) = lock(&self.items).replace(key, new) {
                let arrives = at + visit.fate.lag;
                lock(&self.replica).note(key.clone(), change.new.clone(), arrives);
                changes.push(change);
            }
        }
        lock(&self.throttle).charge(at.as_secs(), &cost);
        self.meter_units(&cost);
        if changes.is_empty() {
            return;
        }
        let commit = Commit { at, changes };
        for watcher in lock(&self.watchers).iter_mut() {
            watcher(&commit);
        }
    }

    fn meter_units(&self, cost: &Units) {
        let of_tables = cost.iter().filter(|((name, _), _)| !name.contains('/'));
        let units: u64 = of_tables.map(|(_, units)| u64::from(*units)).sum();
        lock(&self.meter).write_units += units;
    }

    /// Which of these writes meets a partition that takes no more.
    pub(crate) fn throttled(
        &self,
        visit: &Visit<'_>,
        writes: &[(&ItemKey, Option<&Value>)],
    ) -> Option<usize> {
        let limit = visit.faults.key_units?;
        let second = self.now().as_secs();
        writes.iter().position(|(key, new)| {
            let partitions = self.partitions(key, *new);
            !lock(&self.throttle).admits(second, &partitions, limit)
        })
    }

    /// The partitions, of its table and of its indexes, in which an item is, or will be when `new` is put.
    fn partitions(&self, key: &ItemKey, new: Option<&Value>) -> Vec<Partition> {
        let tables = lock(&self.tables);
        let Some(table) = tables.get(&key.0) else {
            return Vec::new();
        };
        let current = lock(&self.items).current(key).cloned();
        let mut partitions = Vec::new();
        for item in [current.as_deref(), new].into_iter().flatten() {
            let of_table = table.key.first().map(|name| (key.0.clone(), name));
            let of_indexes = table.indexes.iter();
            let of_indexes = of_indexes
                .filter_map(|(index, it)| Some((format!("{}/{index}", key.0), it.key.first()?)));
            for (name, attribute) in of_table.into_iter().chain(of_indexes) {
                if let Some(value) = item.get(attribute) {
                    partitions.push((name, value.to_string()));
                }
            }
        }
        partitions
    }

    fn fetch(&self, (table, key): &ItemKey) -> Option<Image> {
        let key: Value = serde_json::from_str(key).ok()?;
        let body = json!({"TableName": table, "Key": key, "ConsistentRead": true});
        let mut answer = engine::carry_out(&self.database, "GetItem", body);
        let item = answer.body.get_mut("Item")?.take();
        item.is_object().then(|| item.into())
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}
