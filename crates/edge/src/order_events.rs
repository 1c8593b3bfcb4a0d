//! Events about orders, as whichever bus the shop has brings them to an operation without a route.

use aws_lambda_events::event::{dynamodb::EventRecord, streams::DynamoDbEventResponse};
use serde::Deserialize;
use store::{bus::built_in, orders::OrderChange};

use crate::{
    BoxError,
    stream::{dealt_with, each_record, images},
};

/// What a function that listens to the bus gets.
#[derive(Deserialize)]
#[serde(try_from = "Shape")]
pub enum OrderEvents {
    /// Records of the stream of the built-in bus's table.
    Records(Vec<EventRecord>),
    /// One event, of EventBridge.
    One(Box<OrderChange>),
}

/// An event as Lambda brings it. A stream's has records, EventBridge's a detail.
#[derive(Deserialize)]
struct Shape {
    #[serde(rename = "Records")]
    records: Option<Vec<EventRecord>>,
    detail: Option<Box<OrderChange>>,
}

/// It comes from neither.
#[derive(Debug, thiserror::Error)]
#[error("the event has neither records nor a detail")]
struct NeitherBus;

impl TryFrom<Shape> for OrderEvents {
    type Error = NeitherBus;

    fn try_from(shape: Shape) -> Result<Self, NeitherBus> {
        let records = shape.records.map(Self::Records);
        let events = records.or_else(|| shape.detail.map(Self::One));
        events.ok_or(NeitherBus)
    }
}

impl OrderEvents {
    /// Deals with each event in turn. Of a stream's records it stops at the first that can't be dealt with and says which,
    /// so that the stream goes on from there; EventBridge's event has failed as a whole, and comes again.
    pub async fn each(
        self,
        deal: impl AsyncFn(&OrderChange) -> Result<(), BoxError>,
    ) -> Result<DynamoDbEventResponse, BoxError> {
        let records = match self {
            Self::Records(records) => records,
            Self::One(event) => {
                deal(event.as_ref()).await?;
                return Ok(dealt_with(None));
            }
        };
        let answer = each_record(records, async |record| match images(record) {
            None => Ok(()),
            Some((_, new)) => deal(&built_in::read(&new)?.event).await,
        });
        Ok(answer.await)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use serde_json::{Value, json};

    use super::*;

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

    /// The versions that were dealt with, and the answer, where those from `bad` on can't be dealt with.
    async fn dealt(event: &Value, bad: u64) -> (Vec<u64>, Option<Value>) {
        let events: OrderEvents = serde_json::from_value(event.clone()).unwrap();
        let seen = RefCell::new(Vec::new());
        let deal = async |event: &OrderChange| {
            if event.version >= bad {
                return Err::<(), BoxError>("it is too late".into());
            }
            seen.borrow_mut().push(event.version);
            Ok(())
        };
        let answer = events.each(deal).await.ok();
        let answer = answer.map(|answer| serde_json::to_value(answer).unwrap());
        (seen.into_inner(), answer)
    }

    fn stopped_at(sequence: &[&str]) -> Option<Value> {
        let failures: Vec<Value> = sequence
            .iter()
            .map(|number| json!({"itemIdentifier": number}))
            .collect();
        Some(json!({"batchItemFailures": failures}))
    }

    #[tokio::test]
    async fn records_are_dealt_with_up_to_the_first_that_can_not_be() {
        let good = |version| record(version, Some(&event(version)));
        let removed = json!({
            "eventID": "1", "eventName": "REMOVE", "awsRegion": "us-east-1",
            "dynamodb": {"Keys": {"pk": {"S": "EVENT#9"}}, "SequenceNumber": "9", "SizeBytes": 1},
        });
        let all = json!({"Records": [good(1), removed, good(2), good(3)]});
        assert_eq!(dealt(&all, 9).await, (vec![1, 2, 3], stopped_at(&[])));
        assert_eq!(dealt(&all, 2).await, (vec![1], stopped_at(&["2"])));
        let unreadable = json!({"Records": [good(1), record(2, None), good(3)]});
        assert_eq!(dealt(&unreadable, 9).await, (vec![1], stopped_at(&["2"])));
        let none = json!({"Records": []});
        assert_eq!(dealt(&none, 9).await, (vec![], stopped_at(&[])));
    }

    #[tokio::test]
    async fn an_event_of_eventbridge_is_dealt_with_or_fails() {
        let whole = json!({
            "version": "0", "id": "11710aed-b79e-4468-a20b-bb3c0c3b4860", "detail-type": "Order Paid",
            "source": "oxcart.orders", "account": "000000000000", "time": "2026-11-22T22:57:01Z",
            "region": "us-east-1", "resources": [], "detail": event(3),
        });
        assert_eq!(dealt(&whole, 9).await, (vec![3], stopped_at(&[])));
        assert_eq!(dealt(&whole, 3).await, (vec![], None));
    }

    #[test]
    fn what_comes_from_neither_bus_is_refused() {
        let mut half = event(1);
        half["version"] = json!("1");
        for event in [
            json!({}),
            json!({"records": []}),
            json!({"detail": {}}),
            json!({"detail": half}),
            json!({"Records": "hunter2"}),
            json!({"Records": [record(1, Some(&event(1)))["dynamodb"]]}),
        ] {
            let read = serde_json::from_value::<OrderEvents>(event.clone());
            assert!(read.is_err(), "{event}");
        }
    }
}
