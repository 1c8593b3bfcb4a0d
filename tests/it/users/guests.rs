//! `start-guest-session`.

use serde_json::json;

use crate::support::TestShop;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_guest_is_another_and_is_written_nowhere() {
    let shop = TestShop::open().await;
    let before = shop.snapshot().await;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let answer = shop.post("/guests").send().await;
        let session = answer.expect(201);
        let token = session["access_token"].as_str().unwrap().to_owned();
        assert_eq!(
            session,
            json!({"access_token": token, "token_type": "Bearer", "expires_in": 30 * 24 * 3600})
        );
        assert_eq!(answer.header("cache-control"), "no-store");
        tokens.push(token);
    }
    shop.assert_unchanged(&before).await;

    shop.product("mug", 100, 5).await;
    for (pieces, token) in (1..).zip(&tokens) {
        let put = shop.put("/cart/items/mug").bearer(token);
        let put = put.json(&json!({"quantity": pieces}));
        put.send().await.expect(200);
    }
    for (pieces, token) in (1..).zip(&tokens) {
        let cart = shop.get("/cart").bearer(token).send().await.expect(200);
        assert_eq!(cart["items"][0]["quantity"], pieces);
        assert_eq!(cart["version"], 1, "nobody else's hand was in it");
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guests_session_opens_the_cart_and_nothing_else() {
    let shop = TestShop::open().await;
    let session = shop.post("/guests").send().await.expect(201);
    let token = session["access_token"].as_str().unwrap();
    shop.get("/cart").bearer(token).send().await.expect(200);
    for path in ["/users/me", "/orders", "/products/mug/stock"] {
        let refused = shop.get(path).bearer(token).send().await;
        refused.problem(403, "forbidden");
    }
    shop.refresh(token)
        .send()
        .await
        .problem(401, "invalid-refresh-token");
    shop.close().await;
}
