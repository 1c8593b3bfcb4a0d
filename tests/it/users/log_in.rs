//! `log-in`.

use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, TestShop};

async fn log_in(shop: &TestShop, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password});
    shop.post("/sessions").json(&body).send().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_in_begins_a_session_of_ten_minutes_whose_refresh_token_is_not_stored() {
    let shop = TestShop::open().await;
    let caller = shop.registered("ann@example.com").await;
    let answer = log_in(&shop, " ANN@example.com ", PASSWORD).await;
    let session = answer.expect(201);
    let text = |name: &str| session[name].as_str().unwrap().to_owned();
    let (access, refresh) = (text("access_token"), text("refresh_token"));
    assert_eq!(
        session,
        json!({
            "access_token": access, "token_type": "Bearer", "expires_in": 600, "refresh_token": refresh,
            "device_token": text("device_token"),
        }),
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    let profile = shop
        .get("/users/me")
        .bearer(&access)
        .send()
        .await
        .expect(200);
    assert_eq!(profile["id"], caller.id);

    let second = log_in(&shop, "ann@example.com", PASSWORD).await.expect(201);
    assert_ne!(second["refresh_token"], session["refresh_token"]);
    let stored = format!("{:?}", shop.snapshot().await);
    let parts: Vec<&str> = refresh.split('.').collect();
    let [family, generation, mac] = parts[..] else {
        panic!("{refresh}")
    };
    assert_eq!(generation, "1");
    assert!(stored.contains(family) && !stored.contains(mac));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_address_and_a_wrong_password_are_answered_alike() {
    let shop = TestShop::open().await;
    shop.registered("ann@example.com").await;
    let before = shop.snapshot().await;
    let wrong = log_in(&shop, "ann@example.com", "wrong horse battery").await;
    wrong.problem(401, "invalid-credentials");
    let expected = wrong.without_instance();
    let long = "x".repeat(2000);
    for (email, password) in [
        ("ann@example.com", ""),
        ("ann@example.com", long.as_str()),
        ("ann@example.com", "Correct horse battery"),
        ("ann@example.com", "correct horse battery "),
        ("nobody@example.com", PASSWORD),
        ("not an address", PASSWORD),
        ("", ""),
    ] {
        let answer = log_in(&shop, email, password).await;
        answer.problem(401, "invalid-credentials");
        assert_eq!(answer.without_instance(), expected, "{email}");
        let names = |answer: &Answer| {
            let names = answer.headers.keys().map(ToString::to_string);
            names.collect::<Vec<_>>()
        };
        assert_eq!(names(&answer), names(&wrong));
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    shop.assert_unchanged(&before).await;
    assert_eq!(
        expected["type"],
        Value::from("/problems/invalid-credentials")
    );
    shop.close().await;
}
