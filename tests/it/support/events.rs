//! Events: their schema, against which everything on the bus is held at the end of each test; and how EventBridge's come to
//! whoever listens.

use std::{path::Path, sync::LazyLock};

use jsonschema::Validator;
use serde_json::{Value, json};

use super::{TestShop, contract::close, text};

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/events/order.schema.json");
    let mut schema = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    close(&mut schema);
    let options = jsonschema::options().should_validate_formats(true);
    options.build(&schema).unwrap()
});

/// What is wrong with an event, by its schema.
pub fn wrong_with(event: &Value) -> Vec<String> {
    let errors = SCHEMA.iter_errors(event);
    errors
        .map(|error| format!("at {:?}: {error}", error.instance_path().to_string()))
        .collect()
}

/// These events as Lambda brings them from the queue into which a rule of EventBridge puts them. The id of each message is its
/// place.
pub fn queued(events: &[&Value]) -> Value {
    let records = events.iter().enumerate().map(|(place, event)| {
        let envelope = json!({
            "version": "0", "id": "11710aed-b79e-4468-a20b-bb3c0c3b4860", "detail-type": "Order Placed",
            "source": "oxcart.orders", "account": "000000000000", "time": event["at"], "region": "us-east-1",
            "resources": [], "detail": event,
        });
        json!({
            "messageId": place.to_string(), "receiptHandle": "AQEB", "body": envelope.to_string(),
            "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1795388221999"},
            "messageAttributes": {}, "md5OfBody": "d41d8cd98f00b204e9800998ecf8427e", "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:oxcart-test-order-mail", "awsRegion": "us-east-1",
        })
    });
    json!({"Records": records.collect::<Vec<_>>()})
}

impl TestShop {
    /// That each event on the built-in bus is as its schema says.
    pub async fn hold_events(&self) {
        if self.template.table("BusTable").is_none() {
            return;
        }
        for item in self.items("bus").await {
            let event = text(&item, "event");
            let wrong = wrong_with(&serde_json::from_str(event).unwrap());
            assert!(wrong.is_empty(), "{event} is no good event: {wrong:#?}");
        }
    }
}

#[test]
fn what_is_no_event_is_told_by_the_schema() {
    let (order, customer) = ("a".repeat(26), "b".repeat(26));
    let good = json!({
        "id": format!("ord_{order}#3"), "type": "order.paid", "at": "2026-11-22T22:57:01Z",
        "order_id": format!("ord_{order}"), "customer_id": format!("usr_{customer}"), "status": "paid", "version": 3,
        "total": {"amount": 2900, "currency": "USD"},
    });
    assert_eq!(wrong_with(&good), [""; 0]);
    for (member, value) in [
        ("id", json!("ord_1#3")),
        ("id", json!(format!("ord_{order}#0"))),
        ("type", json!("order.lost")),
        ("at", json!("yesterday")),
        ("customer_id", json!("ann@example.com")),
        ("status", json!("lost")),
        ("version", json!(0)),
        ("total", json!(2900)),
        ("email", json!("ann@example.com")),
    ] {
        let mut event = good.clone();
        event[member] = value;
        assert_ne!(wrong_with(&event), [""; 0], "{event}");
    }
    for member in ["id", "total", "version"] {
        let mut event = good.clone();
        event.as_object_mut().unwrap().remove(member);
        assert_ne!(wrong_with(&event), [""; 0], "{event}");
    }
}
