use local_lambda::InvokeError;
use serde_json::json;

use crate::support::{Gate, exists, post, probe, start};

#[tokio::test]
async fn an_idle_instance_is_used_again() {
    let lambda = start(probe()).await;
    assert_eq!((lambda.started("probe"), lambda.instances("probe")), (0, 0));
    for _ in 0..3 {
        assert_eq!(post(&lambda, json!({"do": "echo"})).await.status(), 200);
    }
    assert_eq!((lambda.started("probe"), lambda.instances("probe")), (1, 1));
    assert_eq!(
        (lambda.overlapping("probe"), lambda.under_way("probe")),
        (1, 0)
    );
}

#[tokio::test]
async fn requests_at_the_same_time_overlap_up_to_the_limit_and_the_next_waits() {
    let lambda = start(probe()).await;
    let gate = Gate::open().await.unwrap();
    let mut requests: Vec<_> = (0..3)
        .map(|_| tokio::spawn(post(&lambda, gate.command())))
        .collect();
    let first = gate.arrival().await;
    let second = gate.arrival().await;
    assert_eq!(
        (lambda.under_way("probe"), lambda.instances("probe")),
        (2, 2)
    );
    assert!(requests.iter().all(|request| !request.is_finished()));

    drop(first);
    let third = gate.arrival().await; // only now is there an instance for it
    assert_eq!(
        (lambda.under_way("probe"), lambda.instances("probe")),
        (2, 2)
    );
    drop((second, third));
    for request in requests.drain(..) {
        assert_eq!(request.await.unwrap().status(), 200);
    }
    assert_eq!(
        (lambda.overlapping("probe"), lambda.started("probe")),
        (2, 2)
    );
}

#[tokio::test]
async fn an_invocation_runs_on_when_its_client_goes_away() {
    let lambda = start(probe()).await;
    let gate = Gate::open().await.unwrap();
    let request = tokio::spawn(post(&lambda, gate.command()));
    let held = gate.arrival().await;
    request.abort();
    assert!(request.await.unwrap_err().is_cancelled());
    drop(held);
    assert_eq!(post(&lambda, json!({"do": "echo"})).await.status(), 200);
    lambda.warm("probe", 1).await.unwrap(); // returns when no invocation is under way
    let pids = lambda.pids("probe");
    assert!(
        !pids.is_empty() && pids.len() == lambda.started("probe"),
        "none of them was killed"
    );
}

#[tokio::test]
async fn instances_can_be_started_ahead() {
    let lambda = start(probe()).await;
    lambda.warm("probe", 1).await.unwrap();
    assert_eq!(lambda.instances("probe"), 1);
    lambda.warm("probe", 99).await.unwrap();
    lambda.warm("probe", 2).await.unwrap();
    assert_eq!((lambda.instances("probe"), lambda.started("probe")), (2, 2));
    assert_eq!(lambda.overlapping("probe"), 0);
}

#[tokio::test]
async fn what_processes_print_is_in_the_log() {
    let lambda = start(probe()).await;
    lambda
        .invoke("probe", json!({"do": "say", "value": "hello"}))
        .await
        .unwrap();
    lambda.kill_one("probe").await.unwrap(); // with the process, its output is complete
    let mut lines = lambda.logs("probe");
    lines.sort();
    assert_eq!(lines, [r#"said "hello""#, r#"shouted "hello""#]);
}

#[tokio::test]
async fn shutdown_ends_busy_and_idle_processes_and_leaves_no_zombie() {
    let lambda = start(probe()).await;
    lambda.warm("probe", 2).await.unwrap();
    let gate = Gate::open().await.unwrap();
    let request = tokio::spawn(post(&lambda, gate.command()));
    let _held = gate.arrival().await;
    let pids = lambda.pids("probe");
    assert_eq!(pids.len(), 2);
    assert!(!cfg!(target_os = "linux") || pids.iter().all(|&pid| exists(pid)));
    lambda.shutdown().await;
    assert!(!pids.iter().any(|&pid| exists(pid)));
    assert_eq!(request.await.unwrap().status(), 500);
}

#[tokio::test]
async fn dropping_it_ends_the_processes_too() {
    let lambda = start(probe()).await;
    lambda.warm("probe", 2).await.unwrap();
    let pids = lambda.pids("probe");
    drop(lambda);
    assert!(!pids.iter().any(|&pid| exists(pid)));
}

#[test]
fn dropping_it_after_its_runtime_ends_the_processes_too() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let lambda = runtime.block_on(async {
        let lambda = start(probe()).await;
        lambda.warm("probe", 2).await.unwrap();
        lambda
    });
    let pids = lambda.pids("probe");
    drop(runtime);
    drop(lambda);
    assert_eq!(pids.len(), 2);
    assert!(!pids.iter().any(|&pid| exists(pid)));
}

#[tokio::test]
async fn starting_ahead_says_why_it_failed() {
    let lambda = start(crate::support::probe_that("needs-a-setting")).await;
    let error = lambda.warm("probe", 2).await.unwrap_err();
    assert!(
        matches!(error, InvokeError::ExitedAtStart { .. }),
        "{error}"
    );
}
