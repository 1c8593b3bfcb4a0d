//! Refusals of DynamoDB that say nothing about the shop's stock.

use serde_json::json;

use crate::support::{TestShop, cancelled, key};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conflict_is_tried_again_and_then_busy_and_never_sold_out() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 50).await;
    let ann = shop.customer();
    let refusals = [
        cancelled(&["None", "TransactionConflict"]),
        cancelled(&["TransactionConflict", "None"]),
        cancelled(&["TransactionConflict", "ConditionalCheckFailed"]),
        cancelled(&["None", "ThrottlingError"]),
        cancelled(&["None", "ProvisionedThroughputExceeded"]),
        json!({"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException", "message": "Rate exceeded"}),
    ];
    let mut available = 50;
    for refusal in &refusals {
        // A retry is earned by ten successes.
        for _ in 0..10 {
            let order = shop.ordered(&ann, &[("mug", 1)]).await;
            shop.cancel(&ann, &order).send().await.expect(200);
        }
        shop.wire.calls();
        shop.wire.refuse("TransactWriteItems", 1, refusal);
        shop.order(&ann, &key(), &[("mug", 1)])
            .send()
            .await
            .expect(201);
        assert_eq!(
            shop.wire.calls(),
            ["BatchGetItem", "TransactWriteItems", "TransactWriteItems"],
            "{refusal}"
        );
        let once = key();
        shop.wire.refuse("TransactWriteItems", 100, refusal);
        let busy = shop.order(&ann, &once, &[("mug", 1)]).send().await;
        busy.problem(503, "busy");
        assert_eq!(busy.header("retry-after"), "1");
        let tries = 100 - shop.wire.forgive();
        assert!((1..=6).contains(&tries), "{tries} tries of {refusal}");
        available -= 1;
        assert_eq!(shop.available("mug").await, available);
        shop.order(&ann, &once, &[("mug", 1)])
            .send()
            .await
            .expect(201);
        available -= 1;
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_dynamodb_refuses_for_good_is_our_fault_and_told_to_nobody() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 5).await;
    let ann = shop.customer();
    for kind in [
        "ValidationException",
        "AccessDeniedException",
        "ResourceNotFoundException",
    ] {
        let error = json!({
            "__type": format!("com.amazon.coral.service#{kind}"), "message": "a secret of ours",
        });
        shop.wire.refuse("BatchGetItem", 1, &error);
        shop.wire.refuse("TransactWriteItems", 1, &error);
        let failed = shop.order(&ann, &key(), &[("mug", 1)]).send().await;
        failed.problem(500, "internal-error");
        assert!(!failed.text.contains("secret"), "{}", failed.text);
        shop.wire.forgive();
    }
    assert_eq!(shop.available("mug").await, 5);
    shop.ordered(&ann, &[("mug", 1)]).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_have_happened_is_never_told_as_failed() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 5).await;
    let ann = shop.customer();
    for (left, kind) in [
        (4, "TransactionInProgressException"),
        (3, "IdempotentParameterMismatchException"),
        (2, "InternalServerError"),
    ] {
        let error =
            json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{kind}"), "message": "?"});
        let once = key();
        shop.wire.refuse("TransactWriteItems", 100, &error);
        let unknown = shop.order(&ann, &once, &[("mug", 1)]).send().await;
        unknown.problem(503, "outcome-unknown");
        assert_eq!(unknown.header("retry-after"), "1");
        shop.wire.forgive();
        shop.order(&ann, &once, &[("mug", 1)])
            .send()
            .await
            .expect(201);
        assert_eq!(shop.available("mug").await, left);
    }
    assert_eq!(shop.orders_seen(&ann).await, 3);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancellation_that_met_another_write_is_busy_and_changed_nothing() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 5).await;
    let ann = shop.customer();
    let order = shop.ordered(&ann, &[("mug", 2)]).await;
    let before = shop.order_seen(&ann, &order).await.expect(200);
    let conflict = cancelled(&["None", "TransactionConflict"]);
    shop.wire.refuse("TransactWriteItems", 100, &conflict);
    shop.cancel(&ann, &order).send().await.problem(503, "busy");
    shop.wire.forgive();
    assert_eq!(shop.order_seen(&ann, &order).await.expect(200), before);
    assert_eq!(shop.available("mug").await, 3);
    shop.cancel(&ann, &order).send().await.expect(200);
    assert_eq!(shop.available("mug").await, 5);
    shop.close().await;
}
