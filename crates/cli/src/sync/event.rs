//! Sample events, one an operation. The frame follows from the template; bodies, headers, queries and the values of
//! path parameters are written by hand and stay.
//!
//! `<customer>`, `<staff>`, `<guest>`, `<fresh>`, `<order_id>` and `<product_id>` in them stand for what `cargo shop
//! events` fills in.

use std::path::Path;

use local_shop::{Operation, Route, Shop, Who};
use serde_json::{Map, Value, json};

use crate::error::Failure;

/// The event as the template wants it, with what is hand-written in the one that is there.
pub fn synced(operation: &Operation, before: Option<&Value>, shop: &str) -> Value {
    match (&operation.route, &operation.stream) {
        (Some(route), _) => request(route, before),
        (None, Some(source)) => before.cloned().unwrap_or_else(|| records(&source.table)),
        (None, None) => before
            .cloned()
            .unwrap_or_else(|| schedule(&operation.name, shop)),
    }
}

/// As it stands in the file.
pub fn printed(event: &Value) -> String {
    format!("{event:#}\n")
}

/// The files in `events/` that belong to no operation.
pub fn without_operation(events: &Path, shop: &Shop) -> Result<Vec<String>, Failure> {
    let mut wrong = Vec::new();
    for file in std::fs::read_dir(events).into_iter().flatten() {
        let file = file.map_err(Failure::at(events))?.path();
        let name = file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if shop.operation(&name).is_none() {
            wrong.push(format!(
                "events/{name}.json belongs to no operation; remove it"
            ));
        }
    }
    wrong.sort();
    Ok(wrong)
}

fn request(route: &Route, before: Option<&Value>) -> Value {
    let kept = |member: &str| before.and_then(|before| before.get(member)).cloned();
    let variables = route.path.split('/').filter_map(variable);
    let parameters: Map<String, Value> = variables
        .map(|name| {
            let value = before
                .and_then(|before| before["pathParameters"].get(name))
                .cloned();
            (
                name.to_owned(),
                value.unwrap_or_else(|| json!(format!("<{name}>"))),
            )
        })
        .collect();
    let filled = route.path.split('/').map(|part| match variable(part) {
        Some(name) => parameters[name].as_str().unwrap_or_default(),
        None => part,
    });
    let path = filled.collect::<Vec<_>>().join("/");
    let headers = kept("headers").unwrap_or_else(|| headers(route));
    let key = format!("{} {}", route.method, route.path);
    let mut event = json!({
        "version": "2.0",
        "routeKey": key,
        "rawPath": path,
        "rawQueryString": kept("rawQueryString").unwrap_or_else(|| json!("")),
        "headers": headers,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "localhost",
            "domainPrefix": "local",
            "http": {
                "method": route.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "cargo-lambda",
            },
            "requestId": "sample",
            "routeKey": key,
            "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000",
            "timeEpoch": 1_767_225_600_000_i64,
        },
        "isBase64Encoded": false,
    });
    if !parameters.is_empty() {
        event["pathParameters"] = Value::Object(parameters);
    }
    for member in ["body", "queryStringParameters", "cookies"] {
        if let Some(value) = kept(member) {
            event[member] = value;
        }
    }
    event
}

/// What a request must have, by its route.
fn headers(route: &Route) -> Value {
    let mut headers = json!({});
    if !matches!(route.method.as_str(), "GET" | "DELETE") {
        headers["content-type"] = json!("application/json");
    }
    if !route.callers.contains(&Who::Anyone) {
        let staff_alone = route.callers == [Who::Staff].into();
        let who = if staff_alone { "staff" } else { "customer" };
        headers["authorization"] = json!(format!("Bearer <{who}>"));
    }
    if route.needs_key {
        headers["idempotency-key"] = json!("<fresh>");
    }
    headers
}

/// The name in a path's `{name}`.
fn variable(part: &str) -> Option<&str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

/// What EventBridge Scheduler sends.
pub fn schedule(operation: &str, shop: &str) -> Value {
    json!({
        "version": "0",
        "id": "00000000-0000-0000-0000-000000000000",
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": "000000000000",
        "time": "2026-01-01T00:00:00Z",
        "region": local_shop::environment::REGION,
        "resources": [format!("arn:aws:scheduler:us-east-1:000000000000:schedule/default/{shop}-{operation}")],
        "detail": "{}",
    })
}

fn records(table: &str) -> Value {
    let arn = format!("arn:aws:dynamodb:us-east-1:000000000000:table/{table}/stream/sample");
    json!({"Records": [{
        "eventID": "sample",
        "eventName": "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": local_shop::environment::REGION,
        "eventSourceARN": arn,
        "dynamodb": {
            "ApproximateCreationDateTime": 1_767_225_600,
            "Keys": {},
            "NewImage": {},
            "OldImage": {},
            "SequenceNumber": "100000000000000000001",
            "SizeBytes": 0,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }]})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(path: &str) -> Route {
        Route {
            path: path.into(),
            method: "POST".into(),
            callers: [Who::Anyone].into(),
            needs_key: false,
        }
    }

    #[test]
    fn a_skeleton_has_the_route_and_its_variables() {
        let event = request(&route("/orders/{order_id}/payment"), None);
        assert_eq!(event["routeKey"], "POST /orders/{order_id}/payment");
        assert_eq!(event["rawPath"], "/orders/<order_id>/payment");
        assert_eq!(event["pathParameters"], json!({"order_id": "<order_id>"}));
    }

    #[test]
    fn a_skeleton_has_the_session_and_the_key_that_its_route_asks_for() {
        let headers = |method: &str, callers: &[Who], needs_key: bool| {
            let (method, callers) = (method.into(), callers.iter().copied().collect());
            let route = Route {
                method,
                callers,
                needs_key,
                ..route("/things")
            };
            request(&route, None)["headers"].clone()
        };
        let json = "application/json";
        assert_eq!(
            headers("POST", &[Who::Owner], true),
            json!({"authorization": "Bearer <customer>", "content-type": json, "idempotency-key": "<fresh>"})
        );
        assert_eq!(
            headers("PUT", &[Who::Staff], false),
            json!({"authorization": "Bearer <staff>", "content-type": json})
        );
        let both = [Who::Customer, Who::Staff];
        assert_eq!(
            headers("GET", &both, false),
            json!({"authorization": "Bearer <customer>"})
        );
        assert_eq!(
            headers("DELETE", &[Who::Anyone, Who::Staff], false),
            json!({})
        );
    }

    #[test]
    fn what_is_written_by_hand_stays_and_the_frame_follows_the_template() {
        let mut before = request(&route("/things/{id}"), None);
        before["body"] = json!("{\"a\":1}");
        before["headers"] = json!({"authorization": "Bearer <staff>"});
        before["pathParameters"]["id"] = json!("mug");
        let after = request(&route("/items/{id}"), Some(&before));
        assert_eq!(
            (&after["body"], &after["headers"]),
            (&before["body"], &before["headers"])
        );
        assert_eq!(after["rawPath"], "/items/mug");
        assert_eq!(after["requestContext"]["http"]["path"], "/items/mug");
    }
}
