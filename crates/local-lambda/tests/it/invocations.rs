use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use local_lambda::InvokeError;
use serde_json::{Value, json};

use crate::support::{probe, start};

#[tokio::test]
async fn a_direct_invocation_carries_any_json_there_and_back() {
    let lambda = start(probe()).await;
    for value in [
        json!({"Records": [1, 2.5, "ü"]}),
        json!(null),
        json!("text"),
    ] {
        let answer = lambda
            .invoke("probe", json!({"do": "echo", "value": value}))
            .await
            .unwrap();
        assert_eq!(answer, value);
    }
}

#[tokio::test]
async fn an_error_of_the_function_is_kept() {
    let lambda = start(probe()).await;
    let error = lambda
        .invoke("probe", json!({"do": "fail"}))
        .await
        .unwrap_err();
    let InvokeError::Function { function, source } = error else {
        panic!("{error}")
    };
    assert_eq!(function, "probe");
    assert_eq!(source.message, "the card reader is on fire");
    assert_eq!(source.payload["errorMessage"], "the card reader is on fire");
    assert_eq!(source.payload["errorType"], source.error_type.as_str());
}

#[tokio::test]
async fn a_streamed_answer_that_fails_midway_is_an_error() {
    let lambda = start(probe()).await;
    let error = lambda
        .invoke("probe", json!({"do": "fail-midway"}))
        .await
        .unwrap_err();
    let InvokeError::Function { source, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(source.to_string(), "Probe.Dry: dry");
    // The runtime's own answer comes too late then: it is refused and harms nothing.
    let next = lambda
        .invoke("probe", json!({"do": "echo", "value": 1}))
        .await
        .unwrap();
    assert_eq!(next, 1);
}

#[tokio::test]
async fn an_answer_to_another_invocation_is_refused() {
    let lambda = start(probe()).await;
    let status = lambda
        .invoke("probe", json!({"do": "answer-another"}))
        .await
        .unwrap();
    assert_eq!(status, "HTTP/1.1 400 Bad Request");
}

#[tokio::test]
async fn an_unknown_function_is_an_error() {
    let lambda = start(probe()).await;
    let error = lambda.invoke("prob", json!({})).await.unwrap_err();
    assert!(matches!(error, InvokeError::UnknownFunction { .. }));
}

#[tokio::test]
async fn the_environment_is_the_declared_one_and_lambdas_own_and_nothing_else() {
    let mut probe = probe();
    probe.environment = BTreeMap::from([
        ("TABLE".to_owned(), "orders".to_owned()),
        (
            "AWS_LAMBDA_FUNCTION_NAME".to_owned(),
            "a reserved name".to_owned(),
        ),
    ]);
    let lambda = start(probe).await;
    let environment = lambda
        .invoke("probe", json!({"do": "environment"}))
        .await
        .unwrap();
    let Value::Object(mut environment) = environment else {
        panic!("{environment}")
    };
    let api = environment.remove("AWS_LAMBDA_RUNTIME_API").unwrap();
    assert!(api.as_str().unwrap().starts_with("127.0.0.1:"));
    assert_eq!(environment.remove("AWS_LAMBDA_LOG_STREAM_NAME"), Some(api));
    environment.remove("_X_AMZN_TRACE_ID"); // set by the runtime in the process, not by us
    assert_eq!(
        Value::Object(environment),
        json!({
            "TABLE": "orders",
            "AWS_LAMBDA_FUNCTION_NAME": "probe",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/probe",
        })
    );
}

#[tokio::test]
async fn the_deadline_is_the_timeout_from_now() {
    let mut probe = probe();
    probe
        .environment
        .insert("AWS_REGION".to_owned(), "eu-central-1".to_owned());
    let lambda = start(probe).await;
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let before = now() + Duration::from_secs(60);
    let context = lambda
        .invoke("probe", json!({"do": "context"}))
        .await
        .unwrap();
    let after = now() + Duration::from_secs(60);
    let deadline = u128::from(context["deadline"].as_u64().unwrap());
    assert!(
        (before.as_millis()..=after.as_millis()).contains(&deadline),
        "{context}"
    );
    assert_eq!(
        context["invoked_function_arn"],
        "arn:aws:lambda:eu-central-1:123456789012:function:probe"
    );
    let again = lambda
        .invoke("probe", json!({"do": "context"}))
        .await
        .unwrap();
    assert_ne!(context["request_id"], again["request_id"]);
}
