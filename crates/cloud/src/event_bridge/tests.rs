use super::*;
use crate::testing::{connection, service};

const SCHEMA: &str = include_str!("../../../../docs/events/order.schema.json");

/// That the order named by this letter reached a status.
fn event(order: char, version: u64, status: OrderStatus) -> OrderChange {
    let id = format!("ord_{}", order.to_string().repeat(26));
    let event = json!({
        "id": format!("{id}#{version}"), "type": format!("order.{}", status.as_str()),
        "at": "2026-11-22T22:57:01Z", "order_id": id, "customer_id": format!("usr_{}", "c".repeat(26)),
        "status": status, "version": version, "total": {"amount": 2900, "currency": "USD"},
    });
    serde_json::from_value(event).unwrap()
}

fn placed(orders: &str) -> Vec<OrderChange> {
    let placed = |order| event(order, 1, OrderStatus::Placed);
    orders.chars().map(placed).collect()
}

/// An answer by which these outcomes are those of a call's events: an error's code, or that it was taken.
fn outcomes(codes: &[Option<&str>]) -> (u16, Value) {
    let entry = |code: &Option<&str>| match code {
        None => json!({"EventId": "11710aed-b79e-4468-a20b-bb3c0c3b4860"}),
        Some(code) => json!({"ErrorCode": code, "ErrorMessage": "secret"}),
    };
    let entries: Vec<Value> = codes.iter().map(entry).collect();
    let failed = codes.iter().flatten().count();
    (200, json!({"FailedEntryCount": failed, "Entries": entries}))
}

fn taken(events: usize) -> (u16, Value) {
    outcomes(&vec![None; events])
}

/// What publishing these came to, the orders and versions of each call that it took, and the calls as they were sent.
async fn publish(
    events: &[OrderChange],
    answers: Vec<(u16, Value)>,
) -> (Result<HandedOver, Unpublished>, Vec<String>, Vec<String>) {
    let (url, asked) = service(answers).await;
    let bus = EventBridge::new(&connection(), Some(&url), "a-shop".into());
    let published = bus.publish(events).await;
    let calls = asked.lock().unwrap().clone();
    let told = calls.iter().map(|call| {
        let (_, body) = call.split_once("\r\n\r\n").unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        let entries = body["Entries"].as_array().unwrap().iter();
        let told = entries.map(|entry| {
            let detail = entry["Detail"].as_str().unwrap();
            let event: OrderChange = serde_json::from_str(detail).unwrap();
            let order = event.order_id.as_str().chars().last().unwrap();
            format!("{order}{}", event.version)
        });
        told.collect::<Vec<_>>().join(" ")
    });
    (published, told.collect(), calls)
}

#[tokio::test]
async fn events_go_in_order_ten_to_a_call_and_none_beside_another_of_its_order() {
    let mut events = placed("abcdefghijkl");
    events.push(event('k', 3, OrderStatus::Paid));
    events.push(event('a', 2, OrderStatus::Cancelled));
    let answers = vec![taken(10), taken(2), taken(2)];
    let (published, told, calls) = publish(&events, answers).await;
    published.unwrap();
    let ten = "a1 b1 c1 d1 e1 f1 g1 h1 i1 j1";
    assert_eq!(told, [ten, "k1 l1", "k3 a2"]);
    for part in [
        "POST / HTTP/1.1",
        "x-amz-target: AWSEvents.PutEvents",
        "content-type: application/x-amz-json-1.1",
        "/us-east-1/events/aws4_request",
        r#""EventBusName":"a-shop""#,
        r#""Source":"oxcart.orders""#,
        r#""DetailType":"Order Placed""#,
        r#""Time":1795388221"#,
    ] {
        assert!(calls[0].contains(part), "{part} is missing in {}", calls[0]);
    }
}

#[tokio::test]
async fn what_is_refused_for_a_moment_is_handed_over_again_alone() {
    let once = outcomes(&[
        None,
        Some("ThrottlingException"),
        None,
        Some("InternalFailure"),
    ]);
    let twice = outcomes(&[Some("ThrottlingException"), None]);
    let answers = vec![once, twice, taken(1)];
    let (published, told, _) = publish(&placed("abcd"), answers).await;
    published.unwrap();
    assert_eq!(told, ["a1 b1 c1 d1", "b1 d1", "b1"]);
}

#[tokio::test]
async fn after_an_event_that_is_refused_for_good_none_of_its_order_is_told() {
    let mut events = placed("abc");
    events.push(event('b', 3, OrderStatus::Paid));
    let refused = outcomes(&[None, Some("MalformedDetail"), None]);
    let (published, told, _) = publish(&events, vec![refused]).await;
    let unpublished = published.unwrap_err();
    assert_eq!((unpublished.at, told), (1, vec!["a1 b1 c1".to_owned()]));
    assert!(!unpublished.may_pass);
    let id = &events[1].id;
    assert_eq!(
        unpublished.source.to_string(),
        format!("the event bus does not take {id}: MalformedDetail")
    );
}

#[tokio::test]
async fn an_event_that_is_refused_too_often_is_given_back_with_its_place_among_all() {
    let throttled = || outcomes(&[Some("ThrottlingException")]);
    let mut events = placed("a");
    events.push(event('a', 2, OrderStatus::Cancelled));
    let answers = vec![taken(1), throttled(), throttled(), throttled()];
    let (published, told, _) = publish(&events, answers).await;
    let unpublished = published.unwrap_err();
    assert_eq!((unpublished.at, unpublished.may_pass), (1, true));
    assert_eq!(told, ["a1", "a2", "a2", "a2"]);
}

#[tokio::test]
async fn what_was_taken_beyond_a_refused_event_is_known_by_its_place_among_all() {
    let busy = || Some("ThrottlingException");
    let mut events = placed("a");
    events.extend(placed("abcd"));
    let answers = vec![
        taken(1),
        outcomes(&[None, busy(), None, busy()]),
        outcomes(&[busy(), None]),
        outcomes(&[busy()]),
    ];
    let (published, told, _) = publish(&events, answers).await;
    let unpublished = published.unwrap_err();
    assert_eq!((unpublished.at, unpublished.beyond), (2, vec![3, 4]));
    assert_eq!(told, ["a1", "a1 b1 c1 d1", "b1 d1", "b1"]);

    // The second call for those that are left fails for both of them.
    let denied = || (400, json!({"__type": "AccessDeniedException"}));
    let answers = vec![taken(1), outcomes(&[None, busy(), None, busy()]), denied()];
    let (published, _, _) = publish(&events, answers).await;
    let unpublished = published.unwrap_err();
    assert_eq!((unpublished.at, unpublished.beyond), (2, vec![3]));
}

#[tokio::test]
async fn a_call_that_fails_or_does_not_tell_hands_nothing_over() {
    let denied = json!({"__type": "AccessDeniedException", "message": "secret"});
    for (answer, expected) in [
        ((400, denied), "events answers 400 AccessDeniedException"),
        (
            taken(1),
            "the event bus does not tell what became of the events",
        ),
        (
            (200, json!({})),
            "the event bus does not tell what became of the events",
        ),
    ] {
        let (published, told, _) = publish(&placed("ab"), vec![answer]).await;
        let unpublished = published.unwrap_err();
        assert_eq!((unpublished.at, told.len()), (0, 1));
        assert_eq!(unpublished.source.to_string(), expected);
    }
}

#[test]
fn what_is_told_is_what_the_schema_says_and_a_rule_can_match_it() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let options = jsonschema::options().should_validate_formats(true);
    let schema = options.build(&schema).unwrap();
    let bus = EventBridge::new(&connection(), None, "a-shop".into());
    let mut types = BTreeSet::new();
    for status in OrderStatus::ALL {
        let entry = bus.entry(&event('a', 7, status));
        let detail: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
        let wrong: Vec<String> = schema
            .iter_errors(&detail)
            .map(|it| it.to_string())
            .collect();
        assert_eq!(wrong, [""; 0], "{detail}");
        let name = entry["DetailType"].as_str().unwrap().to_owned();
        assert_eq!(
            name.to_lowercase(),
            format!("order {}", detail["status"].as_str().unwrap())
        );
        types.insert(name);
    }
    assert_eq!(types.len(), OrderStatus::ALL.len());
}

#[test]
fn ten_of_the_largest_events_are_far_from_what_a_call_takes() {
    let bus = EventBridge::new(&connection(), None, "s".repeat(256));
    let mut largest = event('a', u64::MAX, OrderStatus::Cancelled);
    largest.total.amount = i64::MIN;
    let entry = bus.entry(&largest).to_string();
    assert!(MOST * entry.len() < 256 * 1024 / 10, "{}", entry.len());
}
