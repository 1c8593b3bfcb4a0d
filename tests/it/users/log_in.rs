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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_password_nor_token_nor_address_is_written_to_the_log() {
    let shop = TestShop::open().await;
    shop.registered("ann@example.com").await;
    let session = shop.session("ann@example.com").await;
    log_in(&shop, "ann@example.com", "wrong horse battery")
        .await
        .expect(401);
    let next = shop.refreshed(&session).await;
    shop.get("/users/me")
        .bearer(&next.access)
        .send()
        .await
        .expect(200);
    let guest = shop.post("/guests").send().await.expect(201);
    let guest = guest["access_token"].as_str().unwrap();
    let (wrong, new) = ("wrong horse battery", "another long password");
    for (current, status) in [(wrong, 401), (PASSWORD, 204)] {
        let change = shop.change_password(&next.access, current, new);
        change.send().await.expect(status);
    }
    let verifying = shop.token_in_letter("ann@example.com").await;
    shop.verify(&verifying).await.expect(204);
    shop.ask_for_reset("ann@example.com").await.expect(202);
    let resetting = shop.token_in_letter("ann@example.com").await;
    shop.reset(&resetting, new).await.expect(200);
    shop.log_out(guest).send().await.expect(204);
    shop.log_out(&next.access).send().await.expect(204);
    shop.delete_account(&next.access).send().await.expect(204);
    for operation in [
        "register-user",
        "log-in",
        "refresh-session",
        "get-profile",
        "start-guest-session",
        "change-password",
        "log-out",
        "delete-user",
        "verify-email",
        "request-password-reset",
        "reset-password",
        "send-account-mail",
    ] {
        // The lines of an answered request may come a moment later; those of its start are there.
        let log = shop.lambda.logs(operation).join("\n");
        assert!(log.contains("started"), "{log}");
        for secret in [
            PASSWORD,
            wrong,
            new,
            &session.access,
            &session.refresh,
            &next.access,
            &next.refresh,
            guest,
            &verifying,
            &resetting,
            "ann@example.com",
        ] {
            assert!(!log.contains(secret), "{operation} logs {secret}");
        }
    }
    shop.close().await;
}
