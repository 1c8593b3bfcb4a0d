//! `record-stock-movements`.

use std::{collections::BTreeSet, sync::Arc};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::ProductId;
use serde_json::{Value, json};
use store::{Catalogue, Connection, Db};

use crate::support::{Recorder, TestShop};

const FUNCTION: &str = "record-stock-movements";

async fn records(shop: &TestShop) -> Vec<Value> {
    shop.records_for(FUNCTION).await
}

async fn deliver(shop: &TestShop, records: &[&Value]) -> Value {
    shop.bring(FUNCTION, records).await
}

/// The levels that the product's movements tell of, the newest first.
async fn told(shop: &TestShop) -> Vec<i64> {
    let list = shop
        .get("/products/mug/stock-movements")
        .bearer(&shop.staff().token);
    let list = list.send().await.expect(200);
    let items = list["items"].as_array().unwrap().iter();
    items.map(|item| item["after"].as_i64().unwrap()).collect()
}

async fn available(shop: &TestShop) -> Value {
    shop.get("/products/mug").send().await.expect(200)["available"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_that_come_again_or_late_change_nothing() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 1).await;
    shop.receive("mug", 2).await;
    shop.receive("mug", 4).await;
    let records = records(&shop).await;
    let all: Vec<&Value> = records.iter().collect();
    assert_eq!(deliver(&shop, &all).await, json!({"batchItemFailures": []}));
    assert_eq!(
        (told(&shop).await, available(&shop).await),
        (vec![7, 3, 1], json!(7))
    );
    let once = shop.snapshot().await;
    deliver(&shop, &all).await;
    for record in all.iter().rev() {
        deliver(&shop, &[record, record]).await;
    }
    shop.assert_unchanged(&once).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_can_not_be_dealt_with_is_named_and_those_before_it_are_done() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 1).await;
    shop.receive("mug", 2).await;
    shop.receive("mug", 4).await;
    let records = records(&shop).await;
    let moving: Vec<&Value> = records
        .iter()
        .filter(|r| r["eventName"] == "MODIFY")
        .collect();
    let [first, second, third] = moving[..] else {
        panic!("{records:#?}")
    };
    let number = |record: &Value| record["dynamodb"]["SequenceNumber"].clone();
    for (member, value) in [
        ("version", Value::Null),
        ("available", json!({"S": "many"})),
        ("cause", json!({"S": "{}"})),
        ("pk", json!({"S": "STOCK#mug"})),
    ] {
        let mut poison = second.clone();
        let image = poison["dynamodb"]["NewImage"].as_object_mut().unwrap();
        match value {
            Value::Null => image.remove(member),
            value => image.insert(member.into(), value),
        };
        let answer = deliver(&shop, &[first, &poison, third]).await;
        let failures = json!({"batchItemFailures": [{"itemIdentifier": number(second)}]});
        assert_eq!(answer, failures, "{member}");
        assert_eq!(told(&shop).await, [1], "{member}");
        assert_eq!(available(&shop).await, 7);
    }
    let log = shop.lambda.logs(FUNCTION).join("\n");
    assert!(log.contains("a record was not dealt with"), "{log}");
    assert_eq!(
        deliver(&shop, &[second, third]).await,
        json!({"batchItemFailures": []})
    );
    assert_eq!(told(&shop).await, [7, 3, 1]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poisoned_item_is_given_up_at_last_and_what_comes_after_it_is_still_recorded() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 1).await;
    let broken = [
        ("pk", AttributeValue::S("STOCK#broken#0".into())),
        ("sk", AttributeValue::S("BUCKET".into())),
    ];
    let client = shop.dynamodb.client();
    let mut put = client.put_item().table_name(shop.table("CatalogueTable"));
    for (name, value) in broken.clone() {
        put = put.item(name, value);
    }
    put.send().await.unwrap();
    shop.receive("mug", 2).await;
    shop.drain_stream().await;
    assert_eq!(
        (told(&shop).await, available(&shop).await),
        (vec![3, 1], json!(3))
    );
    let key = broken.map(|(name, value)| (name.to_owned(), value)).into();
    let delete = client
        .delete_item()
        .table_name(shop.table("CatalogueTable"));
    delete.set_key(Some(key)).send().await.unwrap();
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_offer_that_was_cut_short_is_finished() {
    let shop = TestShop::open().await;
    shop.product_in_buckets("mug", 1200, 4, 2).await;
    // As if put-product had died between the product and its buckets.
    let client = shop.dynamodb.client();
    let update = client
        .update_item()
        .table_name(shop.table("CatalogueTable"));
    let update = update
        .key("pk", AttributeValue::S("PRODUCT#mug".into()))
        .key("sk", AttributeValue::S("PRODUCT".into()))
        .update_expression("SET price = :price, offer_version = :version, rolling = :rolling")
        .expression_attribute_values(":price", AttributeValue::N("1500".into()))
        .expression_attribute_values(":version", AttributeValue::N("2".into()))
        .expression_attribute_values(":rolling", AttributeValue::Bool(true));
    update.send().await.unwrap();
    shop.drain_stream().await;
    let snapshot = shop.snapshot().await;
    let buckets = snapshot
        .iter()
        .filter(|(key, _)| key.contains("STOCK#mug#"));
    let sells: Vec<_> = buckets
        .map(|(_, item)| item.contains("\"price\": N(\"1500\")"))
        .collect();
    assert_eq!(sells, [true, true], "{snapshot:#?}");
    assert!(!snapshot.values().any(|item| item.contains("rolling")));
    assert_eq!(told(&shop).await.len(), 2);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_offer_that_is_done_is_not_written_again() {
    let shop = TestShop::open().await;
    shop.product_in_buckets("mug", 1200, 4, 2).await;
    let recorder = Recorder::before(&shop.dynamodb).await;
    let db = Arc::new(Db::connect(&Connection::local(recorder.endpoint())));
    let catalogue = Catalogue::new(db, shop.table("CatalogueTable"));
    let mug = ProductId::parse("mug").unwrap();
    catalogue.finish_offer(&mug).await.unwrap();
    let table = shop.table("CatalogueTable");
    let reads = ["BatchGetItem", "GetItem"].map(|it| format!("dynamodb:{it} on table/{table}"));
    assert_eq!(recorder.asked(), BTreeSet::from(reads));
    shop.close().await;
}
