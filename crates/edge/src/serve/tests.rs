use serde_json::Value;

use super::*;
use crate::{
    Slug, body, created,
    testing::{Logged, context, event},
};

async fn echo(_: &(), request: Request<Value>) -> Result<Response<Value>, Problem> {
    match request.uri().path() {
        "/panic" => {
            let text = String::from_utf8_lossy(request.body().as_ref()).into_owned();
            panic!("cannot bear {text}");
        }
        "/literal" => panic!("a literal"),
        "/fail" => Err(Problem::internal("no such table").detail("unseen")),
        "/busy" => Err(Problem::new(Slug::Busy)),
        "/public" => Ok(crate::ok(&Value::from(1))?.public_for(5)),
        "/none" => Ok(Response::new(crate::no_content().into())),
        _ => created(&body(&request)?),
    }
}

async fn serve_to(event: crate::testing::Event) -> Value {
    let answer = answer(&(), &echo, &event.json(), context(), None).await;
    serde_json::to_value(answer).unwrap()
}

#[tokio::test(flavor = "current_thread")]
async fn an_answer_carries_what_every_answer_carries() {
    let answer = serve_to(event().json_body(r#"{"a":1}"#)).await;
    assert_eq!(
        answer,
        serde_json::json!({
            "statusCode": 201,
            "headers": {
                "content-type": "application/json",
                "cache-control": "no-store",
                "x-content-type-options": "nosniff",
                "x-request-id": "req-1",
            },
            "multiValueHeaders": {},
            "body": r#"{"a":1}"#,
            "isBase64Encoded": false,
            "cookies": [],
        })
    );
    let public = serve_to(event().path("/public")).await;
    assert_eq!(public["headers"]["cache-control"], "public, max-age=5");
    let none = serve_to(event().path("/none")).await;
    assert_eq!((&none["statusCode"], none.get("body")), (&204.into(), None));
}

#[tokio::test(flavor = "current_thread")]
async fn a_panic_is_a_constant_500_and_the_next_request_is_served() {
    let logged = Logged::start();
    let answer = serve_to(event().path("/panic").json_body("hunter2")).await;
    assert_eq!(answer["statusCode"], 500);
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["type"], "/problems/internal-error");
    assert_eq!(body["detail"], Slug::InternalError.detail());
    assert_eq!(body["instance"], "req-1");
    serve_to(event().path("/literal")).await;
    let log = logged.text();
    assert!(log.contains("src/serve/tests.rs"), "{log}");
    assert!(log.contains("a literal"), "{log}");
    assert!(!log.contains("hunter2"), "{log}");
    assert_eq!(serve_to(event().json_body("1")).await["statusCode"], 201);
}

#[tokio::test(flavor = "current_thread")]
async fn the_log_has_ids_and_causes_but_nothing_that_was_sent() {
    let logged = Logged::start();
    for path in ["/", "/panic", "/fail", "/busy", "/hunter2"] {
        let event = event()
            .path(path)
            .query("query=hunter2")
            .header("x-secret", "hunter2")
            .bearer("hunter2")
            .path_parameter("order_id", "hunter2")
            .json_body(r#"{"hunter2":"hunter2"}"#);
        serve_to(event).await;
    }
    serve_to(event().json_body("hunter2")).await;
    let log = logged.text();
    for there in [
        r#"operation="echo""#,
        r#"request_id="req-1""#,
        "status=201",
        "status=500",
        r#"problem="busy""#,
        r#"cause="no such table""#,
        "duration_us=",
        "dynamodb_calls=0 attempts=0 read_units=0.0 write_units=0.0",
    ] {
        assert!(log.contains(there), "{there}: {log}");
    }
    assert!(!log.contains("hunter2"), "{log}");
}

#[tokio::test(flavor = "current_thread")]
async fn an_event_that_is_no_request_is_answered() {
    for text in ["{}", "null", "3"] {
        let answer = answer(&(), &echo, text, context(), None).await;
        assert_eq!(answer.status_code, 400, "{text}");
        assert_eq!(answer.headers["x-request-id"], "lambda-1");
    }
}

#[test]
fn a_program_started_by_hand_says_what_it_is() {
    let error = on_lambda(&Settings::from_map([])).unwrap_err();
    assert!(format!("{error:?}").starts_with("the environment variable AWS_LAMBDA_RUNTIME_API"));
}
