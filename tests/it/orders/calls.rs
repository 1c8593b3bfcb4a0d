//! What an order costs in calls to DynamoDB, and what happens when an answer is lost on the way.

use serde_json::json;

use crate::support::{TestShop, key};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_is_one_read_and_one_transaction_and_a_repeat_is_one_read() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 20).await;
    shop.product_in_buckets("hat", 100, 64, 8).await;
    let ann = shop.customer();
    let both = [("mug", 1), ("hat", 1)];
    // The products say how many there are; one that seems to have too few is looked at closely first.
    shop.drain_stream().await;
    shop.wire.calls();
    shop.ordered(&ann, &both).await;
    let calls = ["BatchGetItem", "TransactWriteItems"];
    assert_eq!(shop.wire.calls(), calls, "a cold function");
    let once = key();
    shop.order(&ann, &once, &both).send().await.expect(201);
    assert_eq!(shop.wire.calls(), calls, "a warm one");
    let again = shop.order(&ann, &once, &both).send().await;
    assert!(again.is_replayed());
    assert_eq!(shop.wire.calls(), ["BatchGetItem"]);
    let one = json!({"quantity": 1});
    shop.buy(&ann, &key(), "mug", &one).send().await.expect(201);
    shop.wire.calls();
    shop.buy(&ann, &key(), "mug", &one).send().await.expect(201);
    assert_eq!(shop.wire.calls(), calls, "a purchase");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_last_piece_a_buyer_costs_reads_and_no_write() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 1).await;
    let ann = shop.customer();
    shop.ordered(&ann, &[("mug", 1)]).await;
    let refused = || shop.order(&ann, &key(), &[("mug", 1)]).send();
    refused().await.problem(409, "out-of-stock");
    shop.wire.calls();
    refused().await.problem(409, "out-of-stock");
    let calls = shop.wire.calls();
    assert!(
        !calls.is_empty() && calls.iter().all(|call| call.contains("Get")),
        "{calls:?}"
    );
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_whose_answer_was_lost_is_found_and_not_placed_twice() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 5).await;
    let ann = shop.customer();
    shop.ordered(&ann, &[("mug", 1)]).await;
    let once = key();
    shop.wire
        .lose_answers_to(&["TransactWriteItems", "GetItem"], "orders");
    let lost = shop.order(&ann, &once, &[("mug", 1)]).send().await;
    let problem = lost.problem(503, "outcome-unknown");
    assert_eq!(lost.header("retry-after"), "1");
    assert_eq!(
        problem["detail"],
        "It is not known whether this took effect: repeat the request, with the same Idempotency-Key if it had one."
    );
    shop.wire.mend();
    let again = shop.order(&ann, &once, &[("mug", 1)]).send().await;
    again.expect(201);
    assert_eq!(shop.available("mug").await, 3);
    assert_eq!(shop.orders_seen(&ann).await, 2);
    let third = shop.order(&ann, &once, &[("mug", 1)]).send().await;
    assert_eq!(
        (third.text.as_str(), third.is_replayed()),
        (again.text.as_str(), true)
    );
    shop.close().await;
}
