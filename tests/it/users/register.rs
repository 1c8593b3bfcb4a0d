//! `register-user`.

use domain::Timestamp;
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, TestShop, now};

const ZWOELF: &str = "Zwölf Boxkämpfer jagen Viktor quer über den Sylter Deich. ";

async fn register(shop: &TestShop, body: Value) -> Answer {
    shop.post("/users").json(&body).send().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_made_with_a_trimmed_lower_case_address_and_never_shows_its_password() {
    let shop = TestShop::open().await;
    let before = now();
    let account =
        json!({"email": "  Ann.O'Hara+shop@Example.COM ", "password": PASSWORD, "name": "Ann Ö."});
    let answer = register(&shop, account).await;
    let user = answer.expect(201);
    let (id, at) = (user["id"].as_str().unwrap(), user["created_at"].clone());
    assert_eq!(
        user,
        json!({"id": id, "email": "ann.o'hara+shop@example.com", "email_verified": false, "name": "Ann Ö.", "role": "customer", "created_at": at}),
    );
    assert!(domain::UserId::parse(id).is_some(), "{id}");
    let at: Timestamp = serde_json::from_value(at).unwrap();
    let age = at.as_seconds() - before.as_seconds();
    assert!((0..60).contains(&age), "{age}");
    assert_eq!(answer.header("location"), "/users/me");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!answer.header("x-request-id").is_empty());

    let nameless = register(
        &shop,
        json!({"email": "bob@example.com", "password": PASSWORD}),
    )
    .await;
    assert_eq!(nameless.expect(201)["name"], Value::Null);
    let stored = format!("{:?}", shop.snapshot().await);
    assert!(!stored.contains(PASSWORD));
    assert!(stored.contains("$argon2id$v=19$m=19456,t=2,p=1$"));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_has_one_account_however_it_is_spelled_and_however_often_it_is_asked_for_at_once()
 {
    let shop = TestShop::open().await;
    let spellings = ["ann@example.com", "ANN@example.com", " Ann@Example.com\t"];
    let attempts = spellings.map(|email| {
        let body = json!({"email": email, "password": PASSWORD});
        shop.post("/users").json(&body).send()
    });
    let [a, b, c] = attempts;
    let (a, b, c) = tokio::join!(a, b, c);
    let mut statuses = [a.status, b.status, c.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409]);
    for refused in [&a, &b, &c]
        .into_iter()
        .filter(|answer| answer.status == 409)
    {
        refused.problem(409, "email-taken");
    }
    let before = shop.snapshot().await;
    let again =
        json!({"email": "aNN@example.com", "password": "another long password", "name": "Eve"});
    register(&shop, again).await.problem(409, "email-taken");
    shop.assert_unchanged(&before).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_address_or_too_weak_a_password_or_no_name_makes_no_account() {
    let shop = TestShop::open().await;
    let before = shop.snapshot().await;
    let long = format!("{}@example.com", "a".repeat(250));
    for email in [
        "",
        " ",
        "ann",
        "@example.com",
        "ann@",
        "ann@@example.com",
        "ann@example",
        "a nn@example.com",
        "ann@exam ple.com",
        "ann@example.com\nbcc: eve@example.com",
        "Ann <ann@example.com>",
        "ann@[127.0.0.1]",
        "ann@example.com\u{0}",
        &long,
    ] {
        let body = json!({"email": email, "password": PASSWORD});
        register(&shop, body).await.problem(422, "invalid-email");
    }
    let long = |count| ZWOELF.repeat(20).chars().take(count).collect::<String>();
    for password in [
        "",
        "eleven char",
        "ÖÖÖÖÖÖÖÖÖÖÖ",
        &long(1025),
        &"x".repeat(1024),
        "password1234",
        "ann@example.com",
    ] {
        let body = json!({"email": "ann@example.com", "password": password});
        let problem = register(&shop, body).await.problem(422, "weak-password");
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            password.is_empty() || !detail.contains(password),
            "{detail}"
        );
    }
    for name in ["", "  ", "two\nlines", &"n".repeat(101)] {
        let body = json!({"email": "ann@example.com", "password": PASSWORD, "name": name});
        register(&shop, body).await.problem(400, "invalid-body");
    }
    shop.assert_unchanged(&before).await;

    // The limits themselves are good, and characters count, not bytes.
    for (email, password, name) in [
        ("a@example.com", "xq7 rü;vP9&1".to_owned(), "n".to_owned()),
        ("b@example.com", long(1024), "Ö".repeat(100)),
    ] {
        let body = json!({"email": email, "password": password, "name": name});
        assert_eq!(register(&shop, body).await.expect(201)["name"], name);
        let body = json!({"email": email, "password": password});
        shop.post("/sessions").json(&body).send().await.expect(201);
    }
    shop.close().await;
}
