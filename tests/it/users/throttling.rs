//! `log-in`, when passwords are guessed.
//!
//! Failures are counted in windows of 15 minutes of the clock. What happened on both sides of such a boundary proves
//! nothing, so then it is done again.

use std::net::Ipv4Addr;

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, PASSWORD, TestShop, key, now};

pub const WINDOW: i64 = 15 * 60;

/// What `story` tells of a new account, all of it in one window.
pub async fn in_one_window<T>(shop: &TestShop, story: impl AsyncFn(String) -> T) -> T {
    loop {
        let email = format!("{}@example.com", key());
        shop.registered(&email).await;
        let before = now().as_seconds() / WINDOW;
        let told = story(email).await;
        if now().as_seconds() / WINDOW == before {
            return told;
        }
    }
}

async fn log_in(shop: &TestShop, host: u8, email: &str, password: &str) -> Answer {
    let call = shop.call_from(Ipv4Addr::new(127, 0, 0, host), Method::POST, "/sessions");
    let body = json!({"email": email, "password": password});
    // A guesser may claim to come from somewhere else each time; it must not help.
    let call = call.header("x-forwarded-for", &key());
    call.json(&body).send().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_ten_failures_an_address_waits_and_other_addresses_and_accounts_do_not() {
    let shop = TestShop::open().await;
    shop.registered("bystander@example.com").await;
    let answers = in_one_window(&shop, async |email| {
        let mut answers = Vec::new();
        for _ in 0..10 {
            answers.push(log_in(&shop, 5, &email, "a wrong password").await);
        }
        // Even the right one, and however the address is spelled.
        answers.push(log_in(&shop, 5, &email, PASSWORD).await);
        answers.push(log_in(&shop, 5, &email.to_uppercase(), PASSWORD).await);
        answers.push(log_in(&shop, 6, &email, PASSWORD).await);
        answers.push(log_in(&shop, 5, "bystander@example.com", PASSWORD).await);
        answers.push(log_in(&shop, 5, &email, PASSWORD).await);
        answers
    })
    .await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses[..10], [401; 10]);
    assert_eq!(statuses[10..], [429, 429, 201, 201, 429]);
    answers[10].problem(429, "too-many-attempts");
    let wait: i64 = answers[10].header("retry-after").parse().unwrap();
    assert!((1..=WINDOW).contains(&wait), "{wait}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_does_not_exist_is_throttled_like_one_that_does() {
    let shop = TestShop::open().await;
    let statuses = in_one_window(&shop, async |_| {
        let nobody = format!("nobody-{}@example.com", key());
        let mut statuses = Vec::new();
        for _ in 0..11 {
            statuses.push(log_in(&shop, 5, &nobody, "a wrong password").await.status);
        }
        statuses
    })
    .await;
    assert_eq!(statuses[..10], [401; 10]);
    assert_eq!(statuses[10], 429);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_success_clears_its_address_and_no_other() {
    let shop = TestShop::open().await;
    let statuses = in_one_window(&shop, async |email| {
        let mut statuses = Vec::new();
        for host in [5, 6] {
            for _ in 0..9 {
                statuses.push(log_in(&shop, host, &email, "a wrong password").await.status);
            }
        }
        let good = log_in(&shop, 5, &email, PASSWORD).await.status;
        for _ in 0..10 {
            statuses.push(log_in(&shop, 5, &email, "a wrong password").await.status);
        }
        let stopped = log_in(&shop, 5, &email, PASSWORD).await.status;
        let last_of_other = log_in(&shop, 6, &email, "a wrong password").await.status;
        let other_stopped = log_in(&shop, 6, &email, PASSWORD).await.status;
        (statuses, [good, stopped, last_of_other, other_stopped])
    })
    .await;
    assert_eq!(statuses.0, [401; 28]);
    assert_eq!(statuses.1, [201, 429, 401, 429]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_at_the_same_time_do_not_pass_the_limit_together() {
    let shop = TestShop::open().await;
    let mut statuses = in_one_window(&shop, async |email| {
        let guess = async || log_in(&shop, 5, &email, "a wrong password").await.status;
        let (a, b, c, d) = tokio::join!(
            async { [guess().await, guess().await, guess().await, guess().await] },
            async { [guess().await, guess().await, guess().await, guess().await] },
            async { [guess().await, guess().await, guess().await, guess().await] },
            async { [guess().await, guess().await, guess().await, guess().await] },
        );
        [a, b, c, d].concat()
    })
    .await;
    statuses.sort_unstable();
    assert_eq!(statuses, [[401; 10].as_slice(), &[429; 6]].concat());
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_hundred_failures_from_anywhere_an_account_waits_for_everybody() {
    let shop = TestShop::open().await;
    let (failures, after) = in_one_window(&shop, async |email| {
        let mut failures = Vec::new();
        for host in 10..20 {
            for _ in 0..10 {
                failures.push(log_in(&shop, host, &email, "a wrong password").await.status);
            }
        }
        // Whoever is stopped by the account's limit learns it in the same words as by the address's.
        let stopped = log_in(&shop, 20, &email, PASSWORD).await;
        let by_address = log_in(&shop, 10, &email, PASSWORD).await;
        (failures, [stopped, by_address])
    })
    .await;
    assert_eq!(failures, [401; 100]);
    for answer in &after {
        answer.problem(429, "too-many-attempts");
    }
    assert_eq!(after[0].without_instance(), after[1].without_instance());
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_that_logged_in_before_has_tries_of_its_own() {
    let shop = TestShop::open().await;
    let statuses = in_one_window(&shop, async |email| {
        let session = log_in(&shop, 5, &email, PASSWORD).await.expect(201);
        let device = session["device_token"].as_str().unwrap().to_owned();
        let by = async |device: &str, email: &str, password: &str| {
            let body = json!({"email": email, "password": password, "device_token": device});
            shop.post("/sessions").json(&body).send().await.status
        };
        // Strangers use up what the account has, from everywhere.
        for host in 10..20 {
            for _ in 0..10 {
                log_in(&shop, host, &email, "a wrong password").await;
            }
        }
        let stranger = log_in(&shop, 30, &email, PASSWORD).await.status;
        let known = by(&device, &email, PASSWORD).await;
        // What is no token of this account's is as good as none.
        let other_email = format!("other-{email}");
        let other = shop.registered(&other_email).await;
        let others = log_in(&shop, 5, &other_email, PASSWORD).await.expect(201);
        let others = others["device_token"].as_str().unwrap().to_owned();
        let mut nones = Vec::new();
        for device in [
            "",
            "x",
            "a.1.b",
            &others,
            &device.to_uppercase(),
            &other.token,
        ] {
            nones.push(by(device, &email, PASSWORD).await);
        }
        // It may fail ten times itself.
        let mut failures = Vec::new();
        for _ in 0..10 {
            failures.push(by(&device, &email, "a wrong password").await);
        }
        let used_up = by(&device, &email, PASSWORD).await;
        (stranger, known, nones, failures, used_up)
    })
    .await;
    let (stranger, known, nones, failures, used_up) = statuses;
    assert_eq!((stranger, known, used_up), (429, 201, 429));
    assert_eq!(nones, [429; 6]);
    assert_eq!(failures, [401; 10]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_are_settings() {
    let limits = "log-ins-per-account=3,log-ins-per-address=off,registrations-per-address=20,messages-per-address=1";
    let shop = TestShop::open_with(limits).await;
    let statuses = in_one_window(&shop, async |email| {
        let mut statuses = Vec::new();
        for host in 5..9 {
            statuses.push(log_in(&shop, host, &email, "a wrong password").await.status);
        }
        let asked = async |email: &str| shop.ask_for_reset(email).await.status;
        statuses.push(asked(&email).await);
        statuses.push(asked("nobody@example.com").await);
        // Refused ones count as well.
        let mut registrations = Vec::new();
        while registrations.last() != Some(&429) {
            let body = json!({"email": email, "password": PASSWORD});
            registrations.push(shop.post("/users").json(&body).send().await.status);
        }
        assert!(registrations.len() <= 20, "{registrations:?}");
        statuses
    })
    .await;
    assert_eq!(statuses, [401, 401, 401, 429, 202, 429]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_stopped_is_stopped_by_a_look_and_costs_no_write() {
    let shop = TestShop::open().await;
    let calls = in_one_window(&shop, async |email| {
        for _ in 0..11 {
            shop.log_in(&email, "a wrong password").send().await;
        }
        shop.wire.calls();
        let stopped = shop.log_in(&email, PASSWORD).send().await;
        (stopped.status, shop.wire.calls())
    })
    .await;
    let looks = ["GetItem", "GetItem", "BatchGetItem"].map(str::to_owned);
    assert_eq!(calls, (429, looks.to_vec()));
    shop.close().await;
}
