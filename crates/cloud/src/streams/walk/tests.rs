use serde_json::json;
use store::Connection;

use super::*;
use crate::testing::{connection, service};

/// In 2001, and in 2100, in seconds since 1970.
const LONG_AGO: u64 = 1_000_000_000;
const LATER: u64 = 4_102_444_800;

type Answer = (u16, Value);

fn record(number: &str, created: u64) -> Value {
    json!({
        "eventName": "MODIFY",
        "dynamodb": {"SequenceNumber": number, "ApproximateCreationDateTime": created},
    })
}

fn part(numbers: &[&str], next: Option<&str>) -> Answer {
    part_of(numbers, LONG_AGO, next)
}

fn part_of(numbers: &[&str], created: u64, next: Option<&str>) -> Answer {
    let records = numbers.iter().map(|number| record(number, created));
    let records: Vec<Value> = records.collect();
    (200, json!({"Records": records, "NextShardIterator": next}))
}

fn iterator(name: &str) -> Answer {
    (200, json!({"ShardIterator": name}))
}

/// Shards with the numbers of their last records, if they have ended; and the one after which there are more of them.
fn shards(shards: &[(&str, Option<&str>)], more: Option<&str>) -> Answer {
    let shards = shards.iter().map(
        |(id, last)| json!({"ShardId": id, "SequenceNumberRange": {"EndingSequenceNumber": last}}),
    );
    let shards: Vec<Value> = shards.collect();
    let told = json!({"Shards": shards, "LastEvaluatedShardId": more});
    (200, json!({"StreamDescription": told}))
}

fn refused(kind: &str) -> Answer {
    let kind = format!("com.amazonaws.dynamodb.v20120810#{kind}");
    (400, json!({"__type": kind, "message": "secret"}))
}

/// What came of a walk.
struct Walked {
    /// The sequence numbers of the records that were read.
    numbers: Vec<String>,
    /// Shards that it was not sure of.
    unsure: usize,
    /// How it failed, if it did.
    error: Option<String>,
    /// The bodies of what it asked for.
    asked: Vec<Value>,
}

/// A walk over a stream that gives these answers, each of which must be asked for.
async fn walked(patience: u32, answers: Vec<Answer>) -> Walked {
    let streams = json!({"Streams": [
        {"StreamArn": "arn:new", "StreamLabel": "2026-11-22T22:57:01.000"},
        {"StreamArn": "arn:old", "StreamLabel": "2025-11-22T22:57:01.000"},
    ]});
    let answers = [vec![(200, streams)], answers].concat();
    let wanted = answers.len();
    let (url, asked) = service(answers).await;
    let connection = Connection {
        endpoint: Some(url),
        ..connection()
    };
    let stream = TableStream::find(&connection, "stock").await.unwrap();
    let mut walk = stream.walk(patience).await.unwrap();
    walk.pause = Duration::ZERO;
    let mut numbers = Vec::new();
    let error = loop {
        let records = match walk.next().await {
            Ok(Some(records)) => records,
            Ok(None) => break None,
            Err(error) => break Some(error.to_string()),
        };
        for record in records {
            assert_eq!(record["eventSourceARN"], "arn:new");
            assert_eq!(record["awsRegion"], "us-east-1");
            numbers.push(sequence_number(&record));
        }
    };
    let asked = asked.lock().unwrap();
    let bodies = asked.iter().map(|request| {
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    });
    let asked: Vec<Value> = bodies.collect();
    assert_eq!(asked.len(), wanted, "{asked:#?}");
    Walked {
        numbers,
        unsure: walk.unsure(),
        error,
        asked,
    }
}

impl Walked {
    /// From where in a shard it wanted to read, in turn.
    fn begun(&self) -> Vec<String> {
        let text = |body: &Value, name: &str| body[name].as_str().unwrap_or("-").to_owned();
        let begun = self.asked.iter().filter(|body| {
            let kind = &body["ShardIteratorType"];
            kind.is_string()
        });
        let begun = begun.map(|body| {
            let [shard, kind, number] =
                ["ShardId", "ShardIteratorType", "SequenceNumber"].map(|name| text(body, name));
            format!("{shard} {kind} {number}")
        });
        begun.collect()
    }
}

#[tokio::test]
async fn shards_are_read_to_their_ends_however_many_answers_that_takes() {
    let answers = vec![
        shards(
            &[("ended", Some("9")), ("known", Some("100"))],
            Some("known"),
        ),
        shards(&[("open", None)], None),
        iterator("a"),
        part(&["7"], Some("b")),
        // It has more, but not at once. The others go on meanwhile.
        part(&[], Some("c")),
        // The last record is known: 100 comes after 99.
        iterator("d"),
        part(&["99"], Some("e")),
        part(&["100"], Some("f")),
        // It still grows.
        iterator("g"),
        part(&["101"], Some("h")),
        part(&[], Some("i")),
        // Patience is for shards that have no end.
        part(&[], Some("j")),
        part(&["102"], Some("k")),
        part(&[], Some("l")),
        part(&[], Some("m")),
        part(&[], Some("n")),
        part(&["8"], None),
    ];
    let walked = walked(2, answers).await;
    assert_eq!(walked.error, None);
    assert_eq!(walked.numbers, ["7", "99", "100", "101", "102", "8"]);
    assert_eq!(walked.unsure, 1);
    assert_eq!(walked.asked[2]["ExclusiveStartShardId"], "known");
    let iterators = walked.asked.iter().map(|body| &body["ShardIterator"]);
    let iterators: Vec<&str> = iterators.filter_map(Value::as_str).collect();
    let wanted = ["a", "b", "d", "e", "g", "h", "c", "i", "k", "j", "l", "m"];
    assert_eq!(iterators, wanted);
}

#[tokio::test]
async fn a_shard_that_never_rests_is_left_at_what_came_after_the_walk_began() {
    let answers = vec![
        shards(&[("busy", None), ("other", None)], None),
        iterator("a"),
        part(&["1"], Some("b")),
        part_of(&["2", "3"], LATER, Some("c")),
        iterator("d"),
        part_of(&["4"], LATER, Some("e")),
    ];
    let walked = walked(2, answers).await;
    assert_eq!(walked.error, None);
    assert_eq!(walked.numbers, ["1", "2", "3", "4"]);
    assert_eq!(walked.unsure, 0);
}

#[tokio::test]
async fn a_record_that_only_a_slow_clock_takes_for_a_later_one_ends_no_shard() {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    // A clock that AWS takes requests by may be so late.
    let by_a_right_clock = now.unwrap().as_secs() + 5 * 60;
    let answers = vec![
        shards(&[("busy", None)], None),
        iterator("a"),
        part_of(&["1"], by_a_right_clock, Some("b")),
        part_of(&["2"], LATER, Some("c")),
    ];
    let walked = walked(2, answers).await;
    assert_eq!(walked.error, None);
    assert_eq!(walked.numbers, ["1", "2"]);
}

#[tokio::test]
async fn a_shard_that_still_grows_and_gives_nothing_is_asked_so_often_and_counted() {
    let answers = vec![
        shards(&[("still", None)], None),
        iterator("a"),
        part(&[], Some("b")),
        part(&[], Some("c")),
        part(&[], Some("d")),
    ];
    let walked = walked(3, answers).await;
    assert_eq!((walked.error, walked.unsure), (None, 1));
    assert_eq!(walked.numbers, [""; 0]);
}

#[tokio::test]
async fn where_an_iterator_has_expired_it_goes_on_after_the_last_record() {
    let answers = vec![
        shards(&[("a", None)], None),
        iterator("1"),
        refused("ExpiredIteratorException"),
        iterator("2"),
        part(&["7"], Some("3")),
        part(&[], Some("4")),
        refused("ExpiredIteratorException"),
        iterator("5"),
        part(&["8"], None),
    ];
    let walked = walked(9, answers).await;
    assert_eq!(walked.error, None);
    assert_eq!(walked.numbers, ["7", "8"]);
    let begun = [
        "a TRIM_HORIZON -",
        "a TRIM_HORIZON -",
        "a AFTER_SEQUENCE_NUMBER 7",
    ];
    assert_eq!(walked.begun(), begun);
}

#[tokio::test]
async fn where_records_were_removed_meanwhile_it_goes_on_at_the_oldest_that_is_left() {
    let answers = vec![
        shards(&[("a", None)], None),
        iterator("1"),
        refused("TrimmedDataAccessException"),
        iterator("2"),
        part(&["7"], Some("3")),
        refused("ExpiredIteratorException"),
        // The record after which it wanted to go on is gone, too.
        refused("TrimmedDataAccessException"),
        iterator("4"),
        part(&["9"], None),
    ];
    let walked = walked(9, answers).await;
    assert_eq!(walked.error, None);
    assert_eq!(walked.numbers, ["7", "9"]);
    let begun = [
        "a TRIM_HORIZON -",
        "a TRIM_HORIZON -",
        "a AFTER_SEQUENCE_NUMBER 7",
        "a TRIM_HORIZON -",
    ];
    assert_eq!(walked.begun(), begun);
}

#[tokio::test]
async fn what_is_in_vain_again_and_again_is_an_error() {
    let mut answers = vec![shards(&[("a", None)], None)];
    for _ in 0..=LAPSES {
        answers.push(iterator("1"));
        answers.push(refused("TrimmedDataAccessException"));
    }
    let walked = walked(9, answers).await;
    let told = "the stream of stock can't be read: dynamodb answers 400 TrimmedDataAccessException";
    assert_eq!(walked.error.as_deref(), Some(told));
}

#[tokio::test]
async fn a_shard_that_is_gone_is_passed_over() {
    let gone = || refused("ResourceNotFoundException");
    let answers = vec![
        shards(&[("a", Some("3")), ("b", Some("5")), ("c", None)], None),
        gone(),
        shards(&[("b", Some("5")), ("c", None)], None),
        iterator("1"),
        part(&["4"], Some("2")),
        gone(),
        shards(&[("c", None)], None),
        iterator("3"),
        part(&["6"], None),
    ];
    let walked = walked(9, answers).await;
    assert_eq!(walked.error, None);
    assert_eq!(walked.numbers, ["4", "6"]);
}

#[tokio::test]
async fn a_stream_that_is_gone_and_a_shard_that_is_there_after_all_are_errors() {
    let gone = || refused("ResourceNotFoundException");
    let told = "the stream of stock can't be read: dynamodb answers 400 ResourceNotFoundException";
    let there = || shards(&[("a", None)], None);
    for after in [gone(), there()] {
        let walked = walked(9, vec![there(), gone(), after]).await;
        assert_eq!(walked.error.as_deref(), Some(told));
    }
}
