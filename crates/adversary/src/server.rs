//! One request at the server: conflicts, throttling, and then dynoxide.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use dynoxide::Database;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    engine::{self, Answer},
    faults::Faults,
    footprint::{Footprint, ItemKey, Keys},
    holds::{Hold, Holds, Refused},
    replica::Replica,
    throttle::{Partition, Throttle},
};

/// For how long DynamoDB takes two transactions with one token for one.
const TOKEN_LIFE: Duration = Duration::from_secs(600);

/// The server.
pub(crate) struct Server {
    database: Database,
    replica: Mutex<Replica>,
    holds: Mutex<Holds>,
    throttle: Mutex<Throttle>,
    tables: Mutex<Tables>,
}

/// How the tables were declared.
#[derive(Clone, Default)]
struct Tables(BTreeMap<String, Table>);

#[derive(Clone, Default)]
struct Table {
    key: Vec<String>,
    /// Partition keys of the indexes by their names.
    indexes: BTreeMap<String, String>,
}

impl Keys for Tables {
    fn of(&self, table: &str) -> Vec<String> {
        self.0
            .get(table)
            .map(|table| table.key.clone())
            .unwrap_or_default()
    }
}

impl Server {
    pub(crate) fn new(database: Database, replica: Database) -> Self {
        Self {
            database,
            replica: Mutex::new(Replica::new(replica)),
            holds: Mutex::default(),
            throttle: Mutex::default(),
            tables: Mutex::default(),
        }
    }

    /// Answers a request that arrives now. `now` tells how long the world has been, `lag` how much later a copy has
    /// what is written.
    pub(crate) async fn serve(
        &self,
        operation: &str,
        body: Value,
        faults: &Faults,
        now: impl Fn() -> Duration,
        lag: Duration,
    ) -> Answer {
        let footprint = Footprint::of(operation, &body, &*lock(&self.tables));
        let answer = match &footprint {
            Footprint::Tables => self.declare(operation, body),
            Footprint::Reads { consistent } => {
                if *consistent && body["IndexName"].is_null() {
                    engine::carry_out(&self.database, operation, body)
                } else {
                    lock(&self.replica).read(operation, body, now())
                }
            }
            Footprint::Writes(item) => self.write(operation, body, item, faults, now()),
            Footprint::Transacts(items) => self.transact(body, items, faults, &now).await,
        };
        if answer.is_ok() {
            for key in footprint.written() {
                let item = self.current(&key);
                lock(&self.replica).note(key, item, now() + lag);
            }
        }
        answer
    }

    fn declare(&self, operation: &str, body: Value) -> Answer {
        if operation == "CreateTable" {
            let name = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let key_of = |schema: &Value| -> Vec<String> {
                let parts = schema.as_array().into_iter().flatten();
                parts.map(|part| name(&part["AttributeName"])).collect()
            };
            let indexes = body["GlobalSecondaryIndexes"]
                .as_array()
                .into_iter()
                .flatten();
            let indexes = indexes.map(|index| {
                let key = key_of(&index["KeySchema"]);
                (
                    name(&index["IndexName"]),
                    key.into_iter().next().unwrap_or_default(),
                )
            });
            let table = Table {
                key: key_of(&body["KeySchema"]),
                indexes: indexes.collect(),
            };
            lock(&self.tables).0.insert(name(&body["TableName"]), table);
        }
        lock(&self.replica).follow(operation, &body);
        engine::carry_out(&self.database, operation, body)
    }

    fn write(
        &self,
        operation: &str,
        body: Value,
        item: &ItemKey,
        faults: &Faults,
        now: Duration,
    ) -> Answer {
        if lock(&self.holds).is_held(item) {
            let message = "Transaction is ongoing for the item";
            return Answer::error(400, "TransactionConflictException", message);
        }
        let units = self.units(item, &body, 1);
        if self.throttled(&units, faults, now).is_some() {
            let name = "ProvisionedThroughputExceededException";
            return Answer::error(
                400,
                name,
                "The level of configured provisioned throughput was exceeded",
            );
        }
        engine::carry_out(&self.database, operation, body)
    }

    async fn transact(
        &self,
        mut body: Value,
        items: &[ItemKey],
        faults: &Faults,
        now: &impl Fn() -> Duration,
    ) -> Answer {
        // dynoxide forgets tokens by the real clock, so each gets a new name when its simulated time is over.
        if let Some(token) = body["ClientRequestToken"].as_str() {
            let age = now().as_secs() / TOKEN_LIFE.as_secs();
            let named: String = format!("{age}-{token}").chars().take(36).collect();
            body["ClientRequestToken"] = json!(named);
        }
        let token = body["ClientRequestToken"].as_str();
        let taken = lock(&self.holds).take(items, token);
        let hold: Hold = match taken {
            Ok(hold) => hold,
            Err(Refused::InProgress) => {
                let message = "Transaction with the given request token is already in progress";
                return Answer::error(400, "TransactionInProgressException", message);
            }
            Err(Refused::Conflict(held)) => {
                let code = |held: &bool| if *held { "TransactionConflict" } else { "None" };
                return cancelled(held.iter().map(code));
            }
        };
        let throttled = self.throttled_action(&body, items, faults, now());
        let answer = match throttled {
            Some(at) => {
                let code = |index| {
                    if index == at {
                        "ThrottlingError"
                    } else {
                        "None"
                    }
                };
                cancelled((0..items.len()).map(code))
            }
            None => {
                sleep(faults.hold).await;
                engine::carry_out(&self.database, "TransactWriteItems", body)
            }
        };
        lock(&self.holds).release(hold);
        answer
    }

    fn throttled_action(
        &self,
        body: &Value,
        items: &[ItemKey],
        faults: &Faults,
        now: Duration,
    ) -> Option<usize> {
        let mut wanted = BTreeMap::new();
        for (index, item) in items.iter().enumerate() {
            let action = body["TransactItems"][index].as_object();
            let action = action.and_then(|action| action.values().next().cloned());
            for (partition, units) in self.units(item, &action.unwrap_or_default(), 2) {
                *wanted.entry(partition).or_default() += units;
            }
        }
        let full = self.throttled(&wanted, faults, now)?;
        let of = |item: &ItemKey| self.units(item, &Value::Null, 2).contains_key(&full);
        items.iter().position(of).or(Some(0))
    }

    fn throttled(
        &self,
        wanted: &BTreeMap<Partition, u32>,
        faults: &Faults,
        now: Duration,
    ) -> Option<Partition> {
        let limit = faults.key_units?;
        lock(&self.throttle)
            .take(now.as_secs(), wanted, limit)
            .err()
    }

    /// The write units that a write of this item costs, by table and index: `a started KB` times `factor` for the table, and
    /// as much for each index whose keys the write states.
    fn units(&self, item: &ItemKey, write: &Value, factor: u32) -> BTreeMap<Partition, u32> {
        let (table, key) = item;
        let size =
            write["Item"].to_string().len() + write["ExpressionAttributeValues"].to_string().len();
        let units = u32::try_from(size.div_ceil(1024))
            .unwrap_or(u32::MAX)
            .max(1)
            * factor;
        let key: Value = serde_json::from_str(key).unwrap_or_default();
        let tables = lock(&self.tables);
        let Some(declared) = tables.0.get(table) else {
            return BTreeMap::new();
        };
        let mut all = BTreeMap::new();
        if let Some(partition) = declared.key.first() {
            all.insert((table.clone(), key[partition].to_string()), units);
        }
        for (index, partition) in &declared.indexes {
            let value = &write["Item"][partition];
            if !value.is_null() {
                all.insert((format!("{table}/{index}"), value.to_string()), units);
            }
        }
        all
    }

    fn current(&self, (table, key): &ItemKey) -> Option<Value> {
        let key: Value = serde_json::from_str(key).ok()?;
        let body = json!({"TableName": table, "Key": key, "ConsistentRead": true});
        let answer = engine::carry_out(&self.database, "GetItem", body);
        let item = answer.body["Item"].clone();
        item.is_object().then_some(item)
    }
}

fn cancelled<'c>(codes: impl Iterator<Item = &'c str>) -> Answer {
    let codes: Vec<&str> = codes.collect();
    let message = "Transaction cancelled, please refer cancellation reasons for specific reasons";
    let mut answer = Answer::error(400, "TransactionCanceledException", "");
    let reasons: Vec<Value> = codes.iter().map(|code| json!({"Code": code})).collect();
    answer.body = json!({
        "__type": answer.body["__type"],
        "Message": format!("{message} [{}]", codes.join(", ")),
        "CancellationReasons": reasons,
    });
    answer
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}
