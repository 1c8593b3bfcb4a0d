//! Events about orders, as whichever bus the shop has brings them to an operation without a route.

use aws_lambda_events::event::{dynamodb::EventRecord, streams::DynamoDbEventResponse};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use store::{bus::built_in, orders::OrderChange};
use tracing::error;

use crate::{
    BoxError,
    events::UnknownEvent,
    stream::{comes_again, dealt_with, each_record, images},
};

/// By whom a record is that was a message in a queue.
const QUEUE: &str = "aws:sqs";

/// What a function that listens to the bus gets.
#[derive(Deserialize)]
#[serde(try_from = "Batch")]
pub enum OrderEvents {
    /// Records of the stream of the built-in bus's table.
    Records(Vec<EventRecord>),
    /// Messages of the queue into which a rule of EventBridge puts events.
    Messages(Vec<QueuedEvent>),
}

/// A message of a queue.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueuedEvent {
    message_id: String,
    /// An event as EventBridge has it, or anything else that somebody put into the queue.
    body: String,
}

/// An event as EventBridge has it, as far as it matters here.
#[derive(Deserialize)]
struct Envelope {
    detail: OrderChange,
}

/// A batch as Lambda brings it, from a stream or from a queue.
#[derive(Deserialize)]
struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Box<RawValue>>,
}

/// Where a record comes from.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Origin {
    event_source: Option<String>,
}

impl TryFrom<Batch> for OrderEvents {
    type Error = serde_json::Error;

    fn try_from(Batch { records }: Batch) -> Result<Self, serde_json::Error> {
        let origins: Vec<Origin> = read(&records)?;
        let mut sources = origins.iter().filter_map(|it| it.event_source.as_deref());
        match sources.any(|source| source == QUEUE) {
            true => read(&records).map(Self::Messages),
            false => read(&records).map(Self::Records),
        }
    }
}

fn read<T: DeserializeOwned>(records: &[Box<RawValue>]) -> Result<Vec<T>, serde_json::Error> {
    let records = records.iter();
    records
        .map(|record| serde_json::from_str(record.get()))
        .collect()
}

impl OrderEvents {
    /// Deals with each event in turn, and says which are to come again. Of a stream's records it stops at the first that can't
    /// be dealt with, so that the stream goes on from there; of a queue, which keeps no order, with none.
    pub async fn each(
        self,
        deal: impl AsyncFn(&OrderChange) -> Result<(), BoxError>,
    ) -> DynamoDbEventResponse {
        match self {
            Self::Records(records) => {
                let dealt = each_record(records, async |record| match images(record) {
                    None => Ok(()),
                    Some((_, new)) => deal(&built_in::read(&new)?.event).await,
                });
                dealt.await
            }
            Self::Messages(messages) => each_message(messages, deal).await,
        }
    }
}

/// A queue is answered in the words of a stream.
async fn each_message(
    messages: Vec<QueuedEvent>,
    deal: impl AsyncFn(&OrderChange) -> Result<(), BoxError>,
) -> DynamoDbEventResponse {
    let mut response = dealt_with(None);
    for QueuedEvent { message_id, body } in messages {
        let (what, dealt) = match serde_json::from_str::<Envelope>(&body) {
            Ok(Envelope { detail }) => {
                let dealt = deal(&detail).await;
                (Some(detail.id), dealt)
            }
            Err(unknown) => (None, Err(UnknownEvent::from(unknown).into())),
        };
        if let Err(error) = dealt {
            let error: &(dyn std::error::Error + 'static) = error.as_ref();
            error!(message_id, what, error, "a message was not dealt with");
            comes_again(&mut response, Some(message_id));
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use serde_json::{Value, json};

    use super::*;
    use crate::testing::Logged;

    fn event(version: u64) -> Value {
        let order = format!("ord_{}", "a".repeat(26));
        json!({
            "id": format!("{order}#{version}"), "type": "order.paid", "at": "2026-11-22T22:57:01Z",
            "order_id": order, "customer_id": format!("usr_{}", "b".repeat(26)), "status": "paid",
            "version": version, "total": {"amount": 2900, "currency": "USD"},
        })
    }

    /// A record of the built-in bus's stream, numbered as its event's version is; one without an event can't be read.
    fn record(version: u64, event: Option<&Value>) -> Value {
        let pk = json!({"S": format!("EVENT#{version}")});
        let mut image =
            json!({"pk": pk, "bus": {"S": "BUS"}, "published_at": {"N": "1795388221999"}});
        if let Some(event) = event {
            image["event"] = json!({"S": event.to_string()});
        }
        json!({
            "eventID": "1", "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-1", "eventSourceARN": "arn",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_795_388_221, "Keys": {"pk": pk}, "NewImage": image,
                "SequenceNumber": version.to_string(), "SizeBytes": 1, "StreamViewType": "NEW_IMAGE",
            },
        })
    }

    /// An event of EventBridge, as a message that is numbered as its version is.
    fn message(version: u64) -> Value {
        let envelope = json!({
            "version": "0", "id": "11710aed-b79e-4468-a20b-bb3c0c3b4860", "detail-type": "Order Paid",
            "source": "oxcart.orders", "account": "000000000000", "time": "2026-11-22T22:57:01Z",
            "region": "us-east-1", "resources": [], "detail": event(version),
        });
        queued(version, &envelope.to_string())
    }

    fn queued(number: u64, body: &str) -> Value {
        json!({
            "messageId": number.to_string(), "receiptHandle": "AQEB", "body": body,
            "attributes": {"ApproximateReceiveCount": "1"}, "messageAttributes": {}, "md5OfBody": "0",
            "eventSource": "aws:sqs", "eventSourceARN": "arn", "awsRegion": "us-east-1",
        })
    }

    /// The versions that were dealt with, and the answer, where those from `bad` on can't be dealt with.
    async fn dealt(event: &Value, bad: u64) -> (Vec<u64>, Value) {
        let events: OrderEvents = serde_json::from_value(event.clone()).unwrap();
        let seen = RefCell::new(Vec::new());
        let deal = async |event: &OrderChange| {
            if event.version >= bad {
                return Err::<(), BoxError>("it is too late".into());
            }
            seen.borrow_mut().push(event.version);
            Ok(())
        };
        let answer = events.each(deal).await;
        (seen.into_inner(), serde_json::to_value(answer).unwrap())
    }

    /// The answer that these are to come again.
    fn failed(numbers: &[&str]) -> Value {
        let failures: Vec<Value> = numbers
            .iter()
            .map(|number| json!({"itemIdentifier": number}))
            .collect();
        json!({"batchItemFailures": failures})
    }

    #[tokio::test]
    async fn records_are_dealt_with_up_to_the_first_that_can_not_be() {
        let good = |version| record(version, Some(&event(version)));
        let removed = json!({
            "eventID": "1", "eventName": "REMOVE", "awsRegion": "us-east-1",
            "dynamodb": {"Keys": {"pk": {"S": "EVENT#9"}}, "SequenceNumber": "9", "SizeBytes": 1},
        });
        let all = json!({"Records": [good(1), removed, good(2), good(3)]});
        assert_eq!(dealt(&all, 9).await, (vec![1, 2, 3], failed(&[])));
        assert_eq!(dealt(&all, 2).await, (vec![1], failed(&["2"])));
        let unreadable = json!({"Records": [good(1), record(2, None), good(3)]});
        assert_eq!(dealt(&unreadable, 9).await, (vec![1], failed(&["2"])));
        let none = json!({"Records": []});
        assert_eq!(dealt(&none, 9).await, (vec![], failed(&[])));
    }

    #[tokio::test]
    async fn messages_are_dealt_with_each_by_itself_and_what_fails_comes_again() {
        let all = json!({"Records": [message(3), message(1), message(2)]});
        assert_eq!(dealt(&all, 9).await, (vec![3, 1, 2], failed(&[])));
        assert_eq!(dealt(&all, 2).await, (vec![1], failed(&["3", "2"])));
    }

    #[tokio::test]
    async fn a_message_that_is_no_event_fails_alone_and_is_not_quoted() {
        let logged = Logged::start();
        let mut half = event(2);
        half["version"] = json!("hunter2");
        let half = json!({"detail": half}).to_string();
        for body in ["", "hunter2", "{}", r#"{"detail": "hunter2"}"#, &half] {
            let all = json!({"Records": [message(1), queued(2, body), message(3)]});
            assert_eq!(dealt(&all, 9).await, (vec![1, 3], failed(&["2"])), "{body}");
        }
        let told = logged.text();
        let why = "a message was not dealt with";
        assert!(told.contains(why) && told.contains("message_id"), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }

    #[test]
    fn what_comes_from_neither_bus_is_refused() {
        let nameless = json!({"eventSource": "aws:sqs", "body": "{}"});
        for event in [
            json!({}),
            json!({"records": []}),
            json!({"detail": event(1)}),
            json!({"Records": "hunter2"}),
            json!({"Records": [record(1, Some(&event(1)))["dynamodb"]]}),
            json!({"Records": [nameless]}),
            json!({"Records": [message(1), record(2, Some(&event(2)))]}),
        ] {
            let read = serde_json::from_value::<OrderEvents>(event.clone());
            assert!(read.is_err(), "{event}");
        }
    }
}
