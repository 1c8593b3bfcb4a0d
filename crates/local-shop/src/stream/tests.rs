use std::cell::RefCell;

use aws_sdk_dynamodb::types::AttributeValue;

use super::*;
use crate::{dynamodb::Storage, tables, template::Shop};

const BUCKETS: &str =
    r#"{"dynamodb": {"Keys": {"pk": {"S": [{"prefix": "STOCK#"}]}, "sk": {"S": ["BUCKET"]}}}}"#;

async fn catalogue() -> (DynamoDb, Source) {
    let db = DynamoDb::start(Storage::Memory, 0).await.unwrap();
    let infra = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra");
    let keys = crate::Keys::generate().unwrap();
    let shop = Shop::load(&infra, &keys.parameters("t")).unwrap();
    tables::create(&db.client(), shop.tables()).await.unwrap();
    let mut filter = Filter::default();
    filter.or(BUCKETS).unwrap();
    (
        db,
        Source {
            table: "t-catalogue".into(),
            arn: String::new(),
            failures: None,
            filter,
            batch_size: 3,
            retries: Some(10),
        },
    )
}

async fn put(db: &DynamoDb, pk: &str, sk: &str) {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let put = db.client().put_item().table_name("t-catalogue");
    put.item("pk", text(pk))
        .item("sk", text(sk))
        .send()
        .await
        .unwrap();
}

fn keys(event: &Value) -> Vec<String> {
    let records = event["Records"].as_array().unwrap();
    let key = |record: &Value| {
        record["dynamodb"]["Keys"]["pk"]["S"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    records.iter().map(key).collect()
}

#[tokio::test]
async fn records_arrive_in_order_filtered_and_in_batches() {
    let (db, source) = catalogue().await;
    for bucket in 0..7 {
        put(&db, &format!("STOCK#mug#{bucket}"), "BUCKET").await;
        put(&db, "STOCK#mug", &format!("MOVE#{bucket}")).await;
    }
    let seen = RefCell::new(Vec::new());
    let mut pump = Pump::new(&db, &source, None);
    let function = async |event: Value| {
        seen.borrow_mut().push(keys(&event));
        Ok::<_, String>(Value::Null)
    };
    assert_eq!(pump.drain(function).await.unwrap(), 7);
    let seen = seen.into_inner();
    assert_eq!(seen.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 1]);
    let wanted: Vec<_> = (0..7).map(|bucket| format!("STOCK#mug#{bucket}")).collect();
    assert_eq!(seen.concat(), wanted);
}

#[tokio::test]
async fn a_record_looks_as_lambda_shows_it() {
    let (db, source) = catalogue().await;
    put(&db, "STOCK#mug#0", "BUCKET").await;
    let seen = RefCell::new(Value::Null);
    let function = async |event: Value| {
        *seen.borrow_mut() = event["Records"][0].clone();
        Ok::<_, String>(Value::Null)
    };
    Pump::new(&db, &source, None).drain(function).await.unwrap();
    let record = seen.into_inner();
    assert_eq!(record["eventName"], "INSERT");
    assert_eq!(record["eventSource"], "aws:dynamodb");
    assert_eq!(record["dynamodb"]["NewImage"]["sk"]["S"], "BUCKET");
    assert_eq!(record["dynamodb"]["StreamViewType"], "NEW_AND_OLD_IMAGES");
    assert!(record["dynamodb"]["ApproximateCreationDateTime"].is_number());
    assert!(
        record["eventSourceARN"]
            .as_str()
            .unwrap()
            .contains("table/t-catalogue/stream/")
    );
}

#[tokio::test]
async fn a_failed_record_comes_again_from_there_on_and_is_given_up_at_last() {
    let (db, source) = catalogue().await;
    for bucket in 0..3 {
        put(&db, &format!("STOCK#mug#{bucket}"), "BUCKET").await;
    }
    let seen = RefCell::new(Vec::new());
    let function = async |event: Value| {
        seen.borrow_mut().extend(keys(&event));
        let poison = event["Records"].as_array().unwrap().iter();
        let poison = poison.filter(|r| r["dynamodb"]["Keys"]["pk"]["S"] == "STOCK#mug#1");
        let failures: Vec<_> = poison
            .map(|r| json!({"itemIdentifier": r["dynamodb"]["SequenceNumber"]}))
            .collect();
        Ok::<_, String>(json!({ "batchItemFailures": failures }))
    };
    let mut pump = Pump::new(&db, &source, None);
    let mut given_up = 0;
    loop {
        match pump.step(&function).await.unwrap() {
            Step::Idle => break,
            Step::GivenUp { .. } => given_up += 1,
            _ => {}
        }
    }
    let count = |pk: &str| seen.borrow().iter().filter(|seen| *seen == pk).count();
    assert_eq!(given_up, 1);
    assert_eq!(
        count("STOCK#mug#0"),
        1,
        "what came before the failed record is done"
    );
    assert_eq!(count("STOCK#mug#1"), 1 + 10);
    assert!(count("STOCK#mug#2") >= 1, "what came after it is not lost");
}

#[tokio::test]
async fn a_failing_function_gets_the_batch_again_and_a_new_pump_goes_on() {
    let (db, source) = catalogue().await;
    put(&db, "STOCK#mug#0", "BUCKET").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("position");
    let mut pump = Pump::new(&db, &source, Some(file.clone()));
    let broken = async |_: Value| Err::<Value, _>("it is down");
    assert_eq!(
        pump.step(broken).await.unwrap(),
        Step::Failed("it is down".into())
    );
    let works = async |_: Value| Ok::<_, String>(Value::Null);
    assert_eq!(pump.step(works).await.unwrap(), Step::Delivered(1));
    put(&db, "STOCK#mug#1", "BUCKET").await;
    let mut pump = Pump::new(&db, &source, Some(file));
    assert_eq!(pump.step(works).await.unwrap(), Step::Delivered(1));
    assert_eq!(pump.step(works).await.unwrap(), Step::Idle);
}

#[tokio::test]
async fn a_table_without_a_stream_is_told() {
    let (db, mut source) = catalogue().await;
    source.table = "t-provider".into();
    let function = async |_: Value| Ok::<_, String>(Value::Null);
    let error = Pump::new(&db, &source, None).step(function).await;
    assert_eq!(
        error.unwrap_err().to_string(),
        "the stream of t-provider can't be read: the database tells of no stream"
    );
}
