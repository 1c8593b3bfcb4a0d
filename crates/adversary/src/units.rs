//! Write units: what a write costs a table and each of its indexes.
//!
//! AWS's rules ("Read and write operations" and "Managing global secondary indexes" in the DynamoDB developer guide): a
//! unit for each started KB of the larger of an item before and after; an index pays when what it holds of the item
//! changes, and twice when the item moves within it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    tables::{Index, Table},
    throttle::Partition,
};

/// Units by table and index partition.
pub(crate) type Units = BTreeMap<Partition, u32>;

/// What it costs to turn `old` into `new` in `table`. A write whose condition does not hold leaves the item as it was and
/// costs the table as much as one that succeeds.
pub(crate) fn of_write(
    name: &str,
    table: &Table,
    old: Option<&Value>,
    new: Option<&Value>,
    in_transaction: bool,
) -> Units {
    let mut units = Units::new();
    let Some(item) = new.or(old) else {
        return units;
    };
    let factor = if in_transaction { 2 } else { 1 };
    let larger = old.map_or(0, size).max(new.map_or(0, size));
    if let Some(partition) = table.key.first() {
        let partition = (name.to_owned(), item[partition].to_string());
        units.insert(partition, started_kilobytes(larger) * factor);
    }
    if old == new {
        return units;
    }
    for (index, declared) in &table.indexes {
        let (before, after) = (
            old.and_then(|old| declared.entry(table, old)),
            new.and_then(|new| declared.entry(table, new)),
        );
        if before == after {
            continue;
        }
        let moved = before.as_ref().map(|entry| declared.place(table, entry))
            != after.as_ref().map(|entry| declared.place(table, entry));
        let entries: Vec<&Value> = match (&before, &after) {
            (Some(before), Some(after)) if !moved => {
                vec![if size(before) > size(after) {
                    before
                } else {
                    after
                }]
            }
            (before, after) => before.iter().chain(after).collect(),
        };
        for entry in entries {
            let partition = (
                format!("{name}/{index}"),
                entry[&declared.key[0]].to_string(),
            );
            *units.entry(partition).or_default() += started_kilobytes(size(entry));
        }
    }
    units
}

impl Index {
    /// What the index holds of an item; none when the item lacks one of its keys.
    fn entry(&self, table: &Table, item: &Value) -> Option<Value> {
        let item = item.as_object()?;
        if !self.key.iter().all(|name| item.contains_key(name)) {
            return None;
        }
        let kept = item.iter().filter(|(name, _)| {
            self.projected
                .as_ref()
                .is_none_or(|projected| projected.contains(name))
                || self.key.contains(name)
                || table.key.contains(name)
        });
        Some(
            kept.map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        )
    }

    /// Where in the index an entry is.
    fn place(&self, table: &Table, entry: &Value) -> Vec<Value> {
        let keys = self.key.iter().chain(&table.key);
        keys.map(|name| entry[name].clone()).collect()
    }
}

fn started_kilobytes(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(1024).max(1)).unwrap_or(u32::MAX)
}

/// The size of an item: names and values, as AWS counts them, numbers at a byte for two digits and one more.
fn size(item: &Value) -> usize {
    let attributes = item.as_object().into_iter().flatten();
    attributes
        .map(|(name, value)| name.len() + value_size(value))
        .sum()
}

fn value_size(value: &Value) -> usize {
    let Some((kind, value)) = value.as_object().and_then(|value| value.iter().next()) else {
        return 0;
    };
    let text = value.as_str().unwrap_or_default();
    match kind.as_str() {
        "S" => text.len(),
        "N" => text.len().div_ceil(2) + 1,
        "B" => text.len() * 3 / 4,
        "BOOL" | "NULL" => 1,
        // Lists, maps and sets, roughly.
        _ => value.to_string().len(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn table() -> Table {
        let index = Index {
            key: vec!["due".into(), "at".into()],
            projected: Some(vec![]),
        };
        Table {
            key: vec!["pk".into()],
            indexes: BTreeMap::from([("due".to_owned(), index)]),
        }
    }

    fn order(due: Option<&str>, note: &str) -> Value {
        let mut order = json!({"pk": {"S": "o"}, "at": {"N": "1"}, "note": {"S": note}});
        if let Some(due) = due {
            order["due"] = json!({"S": due});
        }
        order
    }

    fn paid(old: Option<Value>, new: Option<Value>) -> (u32, u32) {
        let units = of_write("t", &table(), old.as_ref(), new.as_ref(), true);
        let of = |index: bool| {
            let those = units
                .iter()
                .filter(|((name, _), _)| name.contains('/') == index);
            those.map(|(_, units)| units).sum()
        };
        (of(false), of(true))
    }

    #[test]
    fn a_started_kilobyte_costs_two_units_in_a_transaction() {
        assert_eq!(paid(None, Some(order(None, "x"))), (2, 0));
        assert_eq!(paid(None, Some(order(None, &"x".repeat(1024)))), (4, 0));
        let (large, small) = (order(None, &"x".repeat(1024)), order(None, ""));
        assert_eq!(paid(Some(large), Some(small)), (4, 0), "the larger counts");
    }

    #[test]
    fn an_index_pays_for_what_it_holds_and_twice_for_a_move() {
        let at = |due| order(Some(due), "x");
        assert_eq!(paid(None, Some(at("1"))), (2, 1));
        assert_eq!(paid(Some(at("1")), Some(order(Some("1"), "y"))), (2, 0));
        assert_eq!(paid(Some(at("1")), Some(at("2"))), (2, 2));
        assert_eq!(paid(Some(at("1")), Some(order(None, "x"))), (2, 1));
    }

    #[test]
    fn a_condition_that_does_not_hold_costs_as_much() {
        assert_eq!(
            paid(Some(order(Some("1"), "x")), Some(order(Some("1"), "x"))),
            (2, 0)
        );
    }
}
