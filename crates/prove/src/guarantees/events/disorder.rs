//! What may happen to the records of a stream before a function sees them.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};
use simulation::Shop;

/// The most shards of a stream.
const SHARDS: u64 = 4;

/// The records in shards: all of an item are in one, in their order. Those of different items follow each other as they may.
pub(super) fn shards(shop: &Shop, records: Vec<Value>) -> Vec<Vec<Value>> {
    let mut items: BTreeMap<String, VecDeque<Value>> = BTreeMap::new();
    for record in records {
        let item = record["dynamodb"]["Keys"].to_string();
        items.entry(item).or_default().push_back(record);
    }
    let count = 1 + shop.world().below(SHARDS);
    let mut shards: Vec<Vec<VecDeque<Value>>> = vec![Vec::new(); count as usize];
    for of_item in items.into_values() {
        shards[shop.world().below(count) as usize].push(of_item);
    }
    let shards = shards.into_iter().map(|items| shuffled(shop, items));
    shards.collect()
}

/// The records of several items, in any order that keeps each item's.
fn shuffled(shop: &Shop, mut items: Vec<VecDeque<Value>>) -> Vec<Value> {
    let mut shuffled = Vec::new();
    while !items.is_empty() {
        let at = shop.world().below(items.len() as u64) as usize;
        match items[at].pop_front() {
            Some(record) => shuffled.push(record),
            None => drop(items.swap_remove(at)),
        }
    }
    shuffled
}

/// Adds a record of an item that can't be read, somewhere, and gives it.
pub(super) fn poison(shop: &Shop, records: &mut Vec<Value>, number: usize) -> Option<Value> {
    let at = shop.world().below(records.len() as u64 + 1) as usize;
    let record = unreadable(records.first()?.clone(), number, shop.world().below(3));
    records.insert(at, record.clone());
    Some(record)
}

fn unreadable(mut record: Value, number: usize, kind: u64) -> Value {
    let key = record["dynamodb"]["Keys"]["pk"]["S"]
        .as_str()
        .unwrap_or_default();
    let (key, spoilt) = match key.split_once('#') {
        Some(("ORDER", _)) => (format!("ORDER#ord_{:a>26}", number + 2), "version"),
        Some(("EVENT", _)) => (format!("EVENT#ord_{:a>26}#1", number + 2), "event"),
        _ => (format!("STOCK#poison-{number}#0"), "version"),
    };
    let stream = &mut record["dynamodb"];
    stream["SequenceNumber"] = json!(format!("{:021}", 1_000_000 + number));
    stream["Keys"]["pk"] = json!({ "S": key });
    if let Some(stream) = stream.as_object_mut() {
        stream.remove("OldImage");
    }
    let image = &mut stream["NewImage"];
    image["pk"] = json!({ "S": key });
    match kind {
        0 => image[spoilt] = Value::Null,
        1 => image[spoilt] = json!({"S": "many"}),
        // Not even the event can be read that it comes with.
        _ => image[spoilt] = json!({"Z": "many"}),
    }
    if let Some(image) = image.as_object_mut() {
        image.retain(|_, value| !value.is_null());
    }
    record["eventID"] = json!(format!("poison-{number}"));
    record["eventName"] = json!("INSERT");
    record
}
