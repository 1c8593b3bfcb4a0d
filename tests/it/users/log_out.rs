//! `log-out`.

use serde_json::json;

use crate::support::TestShop;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_was_left_is_over_and_no_other() {
    let shop = TestShop::open().await;
    shop.registered("ann@example.com").await;
    let left = shop.session("ann@example.com").await;
    let other = shop.session("ann@example.com").await;
    // Any access token of the session ends all of it.
    let newest = shop.refreshed(&left).await;
    for _ in 0..2 {
        let answer = shop.log_out(&left.access).send().await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""));
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    shop.assert_ended(&newest).await;
    shop.assert_ended(&left).await;
    let other = shop.refreshed(&other).await;
    let profile = shop.get("/users/me").bearer(&other.access);
    profile.send().await.expect(200);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_out_whose_answer_was_lost_has_happened() {
    let shop = TestShop::open().await;
    shop.registered("ann@example.com").await;
    let session = shop.session("ann@example.com").await;
    shop.wire.lose_answers_of("users");
    let lost = shop.log_out(&session.access).send().await;
    lost.problem(503, "outcome-unknown");
    shop.wire.mend();
    shop.assert_ended(&session).await;
    shop.log_out(&session.access).send().await.expect(204);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_who_leaves_has_no_cart_any_more() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 5).await;
    let ann = shop.customer();
    let guests = [shop.guest(), shop.guest(), shop.guest()];
    let one = json!({"quantity": 1});
    let put = |token: &str| shop.put("/cart/items/mug").bearer(token).json(&one);
    // The second leaves before anything is in the cart.
    for guest in [&guests[0], &guests[2]] {
        put(&guest.token).send().await.expect(200);
    }
    for guest in &guests[..2] {
        for _ in 0..2 {
            shop.log_out(&guest.token).send().await.expect(204);
        }
    }
    let before = shop.snapshot().await;
    for guest in &guests[..2] {
        let cart = shop.get("/cart").bearer(&guest.token).send().await;
        cart.problem(401, "unauthenticated");
        let refused = put(&guest.token).send().await;
        refused.problem(401, "unauthenticated");
        let merge = shop.post("/cart/merge").bearer(&ann.token);
        let merge = merge.json(&json!({"guest_token": guest.token}));
        merge.send().await.problem(422, "invalid-guest-token");
    }
    shop.assert_unchanged(&before).await;
    let other = shop.get("/cart").bearer(&guests[2].token).send().await;
    assert_eq!(other.expect(200)["items"].as_array().unwrap().len(), 1);
    shop.close().await;
}
