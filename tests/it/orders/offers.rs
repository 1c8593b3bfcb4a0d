//! Processes that remember an offer never sell at it when it is over.

use serde_json::json;

use crate::support::{TestShop, key, usd};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_warm_function_sells_at_the_new_offer_from_the_moment_the_put_has_answered() {
    let shop = TestShop::open().await;
    shop.product_in_buckets("mug", 1000, 40, 4).await;
    let ann = shop.customer();
    shop.ordered(&ann, &[("mug", 1)]).await;
    let one = json!({"quantity": 1});
    shop.buy(&ann, &key(), "mug", &one).send().await.expect(201);
    for price in [1100, 900] {
        shop.change(
            "mug",
            json!({"price": usd(price), "title": format!("Mug {price}")}),
        )
        .await;
        let order = shop
            .order(&ann, &key(), &[("mug", 1)])
            .send()
            .await
            .expect(201);
        assert_eq!(order["total"], usd(price));
        assert_eq!(order["items"][0]["title"], format!("Mug {price}"));
        let bought = shop.buy(&ann, &key(), "mug", &one).send().await.expect(201);
        assert_eq!(bought["total"], usd(price));
        let stale =
            json!({"items": [{"product_id": "mug", "quantity": 1, "unit_price": usd(1000)}]});
        let problem = shop
            .place(&ann, &key(), &stale)
            .send()
            .await
            .problem(409, "price-changed");
        assert_eq!(problem["items"][0]["current"], usd(price));
    }
    // The quote a process remembers as right is refused when it is not, and the other way round.
    let fresh = json!({"items": [{"product_id": "mug", "quantity": 1, "unit_price": usd(500)}]});
    shop.place(&ann, &key(), &fresh)
        .send()
        .await
        .problem(409, "price-changed");
    shop.change("mug", json!({"price": usd(500)})).await;
    let placed = shop.place(&ann, &key(), &fresh).send().await;
    assert_eq!(placed.expect(201)["total"], usd(500));
    shop.change("mug", json!({"active": false})).await;
    let gone = shop.order(&ann, &key(), &[("mug", 1)]).send().await;
    gone.problem(409, "product-unavailable");
    let gone = shop.buy(&ann, &key(), "mug", &one).send().await;
    gone.problem(404, "product-not-found");
    shop.change("mug", json!({"active": true, "price": usd(500)}))
        .await;
    shop.ordered(&ann, &[("mug", 1)]).await;
    assert_eq!(
        shop.lambda.started("place-order"),
        1,
        "one and the same process served them all"
    );
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_raised_number_of_buckets_takes_no_piece_out_of_sight() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 5).await;
    let ann = shop.customer();
    shop.ordered(&ann, &[("mug", 2)]).await;
    shop.change("mug", json!({"stock_buckets": 8})).await;
    shop.ordered(&ann, &[("mug", 2)]).await;
    shop.receive("mug", 16).await;
    let stock = shop.stock("mug").await;
    assert_eq!(stock["buckets"].as_array().unwrap().len(), 8);
    assert_eq!(
        (&stock["available"], &stock["taken"]),
        (&json!(17), &json!(4))
    );
    shop.ordered(&ann, &[("mug", 17)]).await;
    let short = shop
        .order(&ann, &key(), &[("mug", 1)])
        .send()
        .await
        .problem(409, "out-of-stock");
    assert_eq!(short["items"][0]["available"], 0);
    // Fewer buckets are tried first, and those beyond still count.
    shop.receive("mug", 8).await;
    shop.change("mug", json!({"stock_buckets": 1})).await;
    assert_eq!(shop.available("mug").await, 8);
    shop.ordered(&ann, &[("mug", 8)]).await;
    assert_eq!(shop.available("mug").await, 0);
    shop.close().await;
}
