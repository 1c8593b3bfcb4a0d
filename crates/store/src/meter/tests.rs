use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use aws_sdk_dynamodb::Client;
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
};
use serde_json::{Value, json};

use super::*;
use crate::{
    Connection, Db,
    db::{Query, traced},
    item::Item,
    write::{Is, Write},
};

/// A DynamoDB that gives these answers in their turn.
#[derive(Clone, Debug)]
struct Scripted {
    answers: Arc<Mutex<VecDeque<(u16, Value)>>>,
    /// What each request wanted to be told of its cost.
    asked: Arc<Mutex<Vec<Value>>>,
}

impl Scripted {
    fn new(answers: impl IntoIterator<Item = (u16, Value)>) -> Self {
        Self {
            answers: Arc::new(Mutex::new(answers.into_iter().collect())),
            asked: Arc::default(),
        }
    }

    /// The store over it, as functions connect.
    fn db(&self) -> Db {
        let config = Connection::local("http://dynamodb.invalid").config();
        let client = Client::from_conf(config.http_client(self.clone()).build());
        Db::new(client, SharedTimeSource::new(SystemTimeSource::new()))
    }
}

impl HttpClient for Scripted {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Scripted {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        let asked = body["ReturnConsumedCapacity"].clone();
        self.asked.lock().unwrap().push(asked);
        let (status, answer) = self.answers.lock().unwrap().pop_front().unwrap();
        let status = status.try_into().unwrap();
        let mut response = HttpResponse::new(status, answer.to_string().into());
        response
            .headers_mut()
            .insert("content-type", "application/x-amz-json-1.0");
        HttpConnectorFuture::ready(Ok(response))
    }
}

fn error(status: u16, name: &str) -> (u16, Value) {
    let kind = format!("com.amazonaws.dynamodb.v20120810#{name}");
    (status, json!({"__type": kind, "message": "?"}))
}

fn key() -> Item {
    Item::default().with("pk", "x")
}

/// An update, which is no record of anything.
fn raise() -> Write {
    Write::update("t", key())
        .raise("count", 1)
        .only_if("pk", Is::Present)
}

fn all() -> Query<'static> {
    Query {
        table: "t",
        index: None,
        hash: ("pk", "x"),
        range: None,
        ascending: true,
        limit: 9,
        start: None,
    }
}

#[tokio::test]
async fn every_call_is_asked_what_it_cost_and_that_is_added_up() {
    let units = |units: f64| json!({"TableName": "t", "CapacityUnits": units});
    let one = |of: f64| (200, json!({"ConsumedCapacity": units(of)}));
    let several = |all: Value| (200, json!({"ConsumedCapacity": all}));
    let written = json!([
        {"TableName": "t", "CapacityUnits": 4, "WriteCapacityUnits": 4},
        {"TableName": "u", "CapacityUnits": 2, "WriteCapacityUnits": 2},
    ]);
    let found_done = json!([{"TableName": "t", "CapacityUnits": 64, "ReadCapacityUnits": 64}]);
    let server = Scripted::new([
        one(0.5),
        several(json!([units(1.0), units(2.0)])),
        one(8.0),
        one(16.0),
        one(10.0),
        one(20.0),
        one(40.0),
        several(written),
        several(found_done),
    ]);
    let db = server.db();
    take();
    db.get_lately("t", key()).await.unwrap();
    db.get_all(&[("t", key()), ("u", key())]).await.unwrap();
    db.query(all()).await.unwrap();
    db.scan("t", None).await.unwrap();
    db.write(Write::put("t", key())).await.unwrap();
    db.write(raise()).await.unwrap();
    db.write(Write::delete("t", key())).await.unwrap();
    db.transact(&[raise(), Write::put("u", key())])
        .await
        .unwrap();
    db.transact(&[Write::create("t", key())]).await.unwrap();
    let told = take();
    assert_eq!(told.read_units, 0.5 + 3.0 + 8.0 + 16.0 + 64.0);
    assert_eq!(told.write_units, 10.0 + 20.0 + 40.0 + 6.0);
    assert_eq!(
        (told.count, told.writes_sent),
        (9, 5),
        "of nine calls five write"
    );
    assert_eq!(*server.asked.lock().unwrap(), ["TOTAL"; 9]);
    assert_eq!(take(), Calls::NONE, "each is told once");
}

#[tokio::test]
async fn a_write_counts_whenever_it_is_sent_by_the_store_or_the_sdk() {
    let (status, mut conflict) = error(400, "TransactionCanceledException");
    conflict["CancellationReasons"] = json!([{"Code": "TransactionConflict"}]);
    let server = Scripted::new([(status, conflict), (200, json!({}))]);
    let db = server.db();
    take();
    db.transact(&[Write::create("t", key())]).await.unwrap();
    let told = take();
    assert_eq!((told.count, told.writes_sent), (2, 2), "by the store");

    let server = Scripted::new([error(500, "InternalServerError"), (200, json!({}))]);
    let db = server.db();
    db.write(Write::put("t", key())).await.unwrap();
    let told = take();
    assert_eq!((told.count, told.writes_sent), (1, 2), "by the SDK");

    let server = Scripted::new([error(500, "InternalServerError"), (200, json!({}))]);
    let db = server.db();
    db.get("t", key()).await.unwrap();
    let told = take();
    assert_eq!((told.count, told.writes_sent), (1, 0), "a read");
}

#[tokio::test]
async fn a_call_that_is_given_up_counts() {
    take();
    let call = traced("GetItem", std::future::pending::<()>());
    assert!(tokio::time::timeout(Duration::ZERO, call).await.is_err());
    assert_eq!(take().count, 1);
}

#[tokio::test]
async fn an_answer_that_says_nothing_of_its_cost_is_taken_to_cost_nothing() {
    let answers = [
        json!({}),
        json!({"Responses": {}, "UnprocessedKeys": {}}),
        json!({"ConsumedCapacity": {"TableName": "t"}}),
        json!({}),
    ];
    let server = Scripted::new(answers.map(|answer| (200, answer)));
    let db = server.db();
    take();
    db.get("t", key()).await.unwrap();
    db.get_all(&[("t", key())]).await.unwrap();
    db.write(raise()).await.unwrap();
    db.transact(&[raise()]).await.unwrap();
    let told = take();
    assert_eq!((told.read_units, told.write_units), (0.0, 0.0));
    assert_eq!((told.count, told.writes_sent), (4, 2));
}
