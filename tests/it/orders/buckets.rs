//! Orders larger than any one bucket.

use crate::support::{TestShop, key};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_beyond_any_one_bucket_takes_from_several_and_returns_to_the_same() {
    let shop = TestShop::open().await;
    shop.product_in_buckets("mug", 100, 20, 4).await;
    let ann = shop.customer();
    let order = shop.ordered(&ann, &[("mug", 18)]).await;
    let allocations = shop.allocations(&order).await;
    assert_eq!(allocations.split(',').count(), 4, "{allocations}");
    let stock = shop.stock("mug").await;
    assert_eq!(
        (stock["available"].as_i64(), stock["taken"].as_i64()),
        (Some(2), Some(18))
    );
    for bucket in stock["buckets"].as_array().unwrap() {
        assert_eq!(bucket["received"], 5);
    }
    shop.cancel(&ann, &order).send().await.expect(200);
    for bucket in shop.stock("mug").await["buckets"].as_array().unwrap() {
        assert_eq!(
            (&bucket["available"], &bucket["taken"]),
            (&5.into(), &0.into())
        );
    }
    // One piece of each bucket, and not one more than there is.
    shop.ordered(&ann, &[("mug", 17)]).await;
    let short = shop
        .order(&ann, &key(), &[("mug", 4)])
        .send()
        .await
        .problem(409, "out-of-stock");
    assert_eq!(short["items"][0]["available"], 3);
    shop.ordered(&ann, &[("mug", 3)]).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_over_more_buckets_than_a_transaction_has_room_for_gathers_them_first() {
    let shop = TestShop::open().await;
    for id in ["mug", "pen"] {
        shop.product_in_buckets(id, 100, 64, 64).await;
        for bucket in shop.stock(id).await["buckets"].as_array().unwrap() {
            assert_eq!(bucket["available"], 1);
        }
    }
    let ann = shop.customer();
    let order = shop.ordered(&ann, &[("mug", 64), ("pen", 64)]).await;
    let allocations = shop.allocations(&order).await;
    let pieces = allocations
        .split(',')
        .map(|part| part.rsplit(':').next().unwrap().parse::<u32>());
    assert_eq!(pieces.sum::<Result<u32, _>>(), Ok(128));
    assert_eq!(allocations.split(',').count(), 98);
    for id in ["mug", "pen"] {
        assert_eq!(shop.available(id).await, 0);
    }
    let short = shop.order(&ann, &key(), &[("mug", 1)]).send().await;
    short.problem(409, "out-of-stock");
    shop.cancel(&ann, &order).send().await.expect(200);
    for id in ["mug", "pen"] {
        let stock = shop.stock(id).await;
        assert_eq!(
            (stock["available"].as_i64(), stock["taken"].as_i64()),
            (Some(64), Some(0))
        );
        assert_eq!(
            stock["received"], 64,
            "a move between buckets brings nothing in"
        );
    }
    shop.close().await;
}
