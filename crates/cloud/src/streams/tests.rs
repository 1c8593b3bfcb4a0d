use super::*;
use crate::testing::{connection, service};

fn record(number: &str) -> Value {
    json!({"eventName": "MODIFY", "dynamodb": {"SequenceNumber": number}})
}

fn part(numbers: &[&str], next: Option<&str>) -> (u16, Value) {
    let records: Vec<Value> = numbers.iter().map(|number| record(number)).collect();
    (200, json!({"Records": records, "NextShardIterator": next}))
}

fn iterator(name: &str) -> (u16, Value) {
    (200, json!({"ShardIterator": name}))
}

/// A stream on loopback, and all that is read of it, and what was asked for that.
async fn walked(answers: Vec<(u16, Value)>) -> (Vec<String>, String) {
    let streams = json!({"Streams": [
        {"StreamArn": "arn:new", "StreamLabel": "2026-11-22T22:57:01.000"},
        {"StreamArn": "arn:old", "StreamLabel": "2025-11-22T22:57:01.000"},
    ]});
    let answers = [vec![(200, streams)], answers].concat();
    let (url, asked) = service(answers).await;
    let connection = Connection {
        endpoint: Some(url),
        ..connection()
    };
    let stream = TableStream::find(&connection, "stock").await.unwrap();
    let mut walk = stream.walk().await.unwrap();
    let mut numbers = Vec::new();
    while let Some(records) = walk.next().await.unwrap() {
        for record in records {
            assert_eq!(record["eventSourceARN"], "arn:new");
            assert_eq!(record["awsRegion"], "us-east-1");
            numbers.push(sequence_number(&record));
        }
    }
    let asked = asked.lock().unwrap().join("\n");
    (numbers, asked)
}

#[tokio::test]
async fn shards_are_read_to_their_ends_however_many_answers_that_takes() {
    let shard = |id: &str, last: Option<&str>| json!({"ShardId": id, "SequenceNumberRange": {"EndingSequenceNumber": last}});
    let some = json!({"StreamDescription": {
        "Shards": [shard("ended", Some("9")), shard("known", Some("100"))], "LastEvaluatedShardId": "known",
    }});
    let others = json!({"StreamDescription": {"Shards": [shard("open", None)]}});
    let mut answers = vec![
        (200, some),
        (200, others),
        // It ends by itself, after an answer without a record.
        iterator("a"),
        part(&["7"], Some("b")),
        part(&[], Some("c")),
        part(&["8"], None),
        // The last record is known: 100 comes after 99.
        iterator("d"),
        part(&["99"], Some("e")),
        part(&["100"], Some("f")),
        // It goes on.
        iterator("g"),
        part(&["101"], Some("h")),
        part(&[], Some("i")),
        part(&["102"], Some("j")),
    ];
    answers.extend((0..SILENCE).map(|_| part(&[], Some("k"))));
    let wanted = answers.len() + 1;
    let (numbers, asked) = walked(answers).await;
    assert_eq!(numbers, ["7", "8", "99", "100", "101", "102"]);
    assert_eq!(asked.matches("POST / HTTP").count(), wanted);
    for told in [
        r#""ExclusiveStartShardId":"known""#,
        r#""ShardId":"open""#,
        r#""StreamArn":"arn:new""#,
        r#""ShardIterator":"c""#,
    ] {
        assert!(asked.contains(told), "{told}: {asked}");
    }
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let (url, _) = service(vec![(200, json!({"Streams": []}))]).await;
    let connection = Connection {
        endpoint: Some(url),
        ..connection()
    };
    let error = TableStream::find(&connection, "stock").await.err().unwrap();
    assert_eq!(
        error.to_string(),
        "the stream of stock can't be read: the database tells of no stream"
    );
}
