//! Events as API Gateway sends them.

use edge::{HttpRequest, Request, event};
use lambda_http::Context;
use serde_json::{Value, json};

/// The id of each invocation, which stands in for a request's id that can't be one.
pub const INVOCATION: &str = "lambda-1";

/// The context of an invocation.
pub fn context() -> Context {
    let mut context = Context::default();
    context.request_id = INVOCATION.to_owned();
    context
}

/// A request with this body of JSON, whatever it really is.
pub fn with_body<B>(body: &str) -> Request<B> {
    let mut event = post();
    event["headers"] = json!({"content-type": "application/json"});
    event["body"] = json!(body);
    Request::new(request(&event))
}

/// A request with this `Authorization`.
pub fn with_authorization(value: &str) -> HttpRequest {
    let mut event = post();
    event["headers"] = json!({"authorization": value});
    request(&event)
}

fn post() -> Value {
    json!({
        "version": "2.0",
        "rawPath": "/",
        "rawQueryString": "",
        "requestContext": {"requestId": "req-1", "http": {"method": "POST", "sourceIp": "192.0.2.1"}},
        "isBase64Encoded": false,
    })
}

fn request(event: &Value) -> HttpRequest {
    match event::read(&event.to_string(), context()) {
        (_, Ok(request)) => request,
        (_, Err(problem)) => panic!("an event with nothing wrong in it is refused: {problem}"),
    }
}
