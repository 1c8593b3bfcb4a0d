//! What is written down of a shop, as texts.

use std::collections::{BTreeMap, HashMap, HashSet};

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};

use super::canaries::{canaries, these};
use crate::support::{Answer, NAME, TestShop};

/// Texts by what wrote them or what they lie in.
pub type Texts = BTreeMap<String, String>;

/// Everything that each table holds once the streams are drained.
pub async fn tables(shop: &TestShop) -> Texts {
    shop.drain_stream().await;
    let mut tables = Texts::new();
    for table in shop.template.tables() {
        let name = table.name.strip_prefix(&format!("{NAME}-")).unwrap();
        let items = shop.items(name).await;
        let items: Vec<String> = items.iter().map(item).collect();
        tables.insert(name.to_owned(), items.join("\n"));
    }
    tables
}

/// Names and values of an item; bytes as the text that they may be.
fn item(item: &HashMap<String, AttributeValue>) -> String {
    let value = |value: &AttributeValue| match value {
        AttributeValue::B(bytes) => String::from_utf8_lossy(bytes.as_ref()).into_owned(),
        other => format!("{other:?}"),
    };
    let attributes = item
        .iter()
        .map(|(name, it)| format!("{name}: {}", value(it)));
    attributes.collect::<Vec<_>>().join(", ")
}

/// That logs have a line of each of these requests, and neither a canary nor one of these secrets.
pub fn assert_clean(logs: &Texts, answers: &[Answer], secrets: &[String]) {
    let mut words = HashSet::new();
    for (operation, log) in logs {
        assert_eq!(canaries(log), these(&[]), "{operation} logs: {log}");
        let told = secrets.iter().find(|secret| log.contains(*secret));
        assert_eq!(told, None, "{operation} logs: {log}");
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
        words.extend(log.split(|c: char| !is_part(c)));
    }
    for answer in answers {
        let id = answer.header("x-request-id");
        let is_told = !id.is_empty() && words.contains(id);
        assert!(is_told, "no log tells of {answer:?}");
    }
}

#[test]
fn names_values_and_bytes_of_an_item_are_read() {
    let bytes = Blob::new("canarybytes");
    let attributes = [
        ("canaryname", AttributeValue::Bool(true)),
        ("a", AttributeValue::S("canarytext".into())),
        ("b", AttributeValue::B(bytes)),
    ];
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value));
    let attributes: HashMap<_, _> = attributes.into();
    let expected = these(&["canarybytes", "canaryname", "canarytext"]);
    assert_eq!(canaries(&item(&attributes)), expected);
}
