use std::{error::Error, time::Duration};

use local_lambda::InvokeError;
use serde_json::json;

use crate::support::{Gate, exists, gateways_own, post, probe, probe_that, read, start};

#[tokio::test]
async fn a_kill_with_a_request_under_way_is_a_500_and_the_next_request_gets_a_new_process() {
    let lambda = start(probe()).await;
    lambda.warm("probe", 2).await.unwrap();
    let gate = Gate::open().await.unwrap();
    let request = tokio::spawn(post(&lambda, gate.command()));
    let _held = gate.arrival().await;
    lambda.until_under_way("probe", 1).await.unwrap();

    let pid = lambda.kill_one("probe").await.unwrap();
    assert!(!exists(pid));
    let answer = read(request.await.unwrap()).await;
    assert_eq!(answer, gateways_own(500, "Internal Server Error"));
    assert_eq!(
        (lambda.instances("probe"), lambda.under_way("probe")),
        (1, 0)
    );

    for _ in 0..2 {
        assert_eq!(post(&lambda, json!({"do": "echo"})).await.status(), 200);
    }
    lambda.warm("probe", 2).await.unwrap();
    assert_eq!((lambda.instances("probe"), lambda.started("probe")), (2, 3));
}

#[tokio::test]
async fn a_kill_spares_the_other_requests() {
    let lambda = start(probe()).await;
    let gate = Gate::open().await.unwrap();
    let requests = [(); 2].map(|()| tokio::spawn(post(&lambda, gate.command())));
    let held = (gate.arrival().await, gate.arrival().await);
    lambda.kill_one("probe").await.unwrap();
    drop(held);
    let mut statuses = Vec::new();
    for request in requests {
        statuses.push(request.await.unwrap().status().as_u16());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 500]);
}

#[tokio::test]
async fn an_idle_instance_that_was_killed_costs_no_request() {
    let lambda = start(probe()).await;
    assert_eq!(lambda.kill_one("probe").await, None);
    for _ in 0..5 {
        assert_eq!(post(&lambda, json!({"do": "echo"})).await.status(), 200);
        assert!(lambda.kill_one("probe").await.is_some());
        assert_eq!(lambda.instances("probe"), 0);
    }
    assert_eq!(lambda.started("probe"), 5);
}

#[tokio::test]
async fn a_process_that_ends_by_itself_is_a_500_with_its_last_words_in_the_log() {
    let lambda = start(probe()).await;
    let error = lambda
        .invoke("probe", json!({"do": "exit"}))
        .await
        .unwrap_err();
    let InvokeError::Crashed { exit, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(exit.status().and_then(|status| status.code()), Some(3));
    assert_eq!(lambda.logs("probe"), ["giving up"]);
    let answer = read(post(&lambda, json!({"do": "exit"})).await).await;
    assert_eq!(answer, gateways_own(500, "Internal Server Error"));
    assert_eq!((lambda.instances("probe"), lambda.started("probe")), (0, 2));
}

#[tokio::test]
async fn a_function_that_does_not_answer_in_time_is_killed_and_its_request_a_503() {
    let mut slow = probe();
    slow.timeout = Duration::from_millis(300);
    let lambda = start(slow).await;
    lambda.warm("probe", 1).await.unwrap();
    let pid = lambda.pids("probe")[0];
    let answer = read(post(&lambda, json!({"do": "hang"})).await).await;
    assert_eq!(answer, gateways_own(503, "Service Unavailable"));
    assert!(!exists(pid));
    assert_eq!(
        (lambda.instances("probe"), lambda.under_way("probe")),
        (0, 0)
    );

    let error = lambda
        .invoke("probe", json!({"do": "hang"}))
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "probe did not answer within 300ms");
}

#[tokio::test]
async fn a_function_that_ends_as_it_starts_fails_each_request_once_and_says_why() {
    let lambda = start(probe_that("needs-a-setting")).await;
    for attempt in 1..=3 {
        let answer = read(post(&lambda, json!({})).await).await;
        assert_eq!(answer, gateways_own(500, "Internal Server Error"));
        assert_eq!(lambda.started("probe"), attempt);
    }
    assert_eq!(lambda.logs("probe"), ["TABLE is not set"; 3]);
    let error = lambda.invoke("probe", json!({})).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "probe ended as it started (exit status: 1): its log says why, often a missing setting"
    );
}

#[tokio::test]
async fn a_function_that_reports_that_it_cannot_start_is_quoted() {
    let lambda = start(probe_that("reports-its-failure")).await;
    let error = lambda.invoke("probe", json!({})).await.unwrap_err();
    assert!(matches!(error, InvokeError::Init { .. }), "{error}");
    assert_eq!(
        error.source().unwrap().to_string(),
        "Probe.NoSecret: the secret is gone"
    );
    assert_eq!(lambda.instances("probe"), 0);
}
