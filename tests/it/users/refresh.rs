//! `refresh-session`.
//!
//! A token that was used before is forgiven for ten seconds of the clock. What took longer proves nothing, so then it is
//! done again.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    races::at_once,
    support::{PASSWORD, TestShop, Tokens, now, refresh_key},
};

const SECOND_CHANCE: Duration = Duration::from_secs(10);

/// What `story` tells of a new session of an account, all of it within ten seconds.
async fn at_a_stretch<T>(
    shop: &TestShop,
    email: &str,
    story: impl AsyncFn(Tokens) -> T,
) -> (Tokens, T) {
    loop {
        let session = shop.session(email).await;
        let begun = Instant::now();
        let told = story(session.clone()).await;
        if begun.elapsed() < SECOND_CHANCE {
            return (session, told);
        }
    }
}

fn mac(token: &str) -> &str {
    token.rsplit('.').next().unwrap()
}

fn refresh_tokens(sessions: &[Tokens]) -> Vec<&str> {
    let tokens = sessions.iter().map(|tokens| tokens.refresh.as_str());
    tokens.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_goes_on_with_another_refresh_token_and_the_role_of_the_moment() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 0).await;
    let ann = shop.registered("ann@example.com").await;
    let first = shop.session("ann@example.com").await;
    let stock = async |tokens: &Tokens| {
        let stock = shop.get("/products/mug/stock").bearer(&tokens.access);
        stock.send().await.status
    };
    assert_eq!(stock(&first).await, 403);
    shop.grant_staff("ann@example.com").await;
    let answer = shop.refresh(&first.refresh).send().await;
    let second = Tokens::of(&answer.expect(200));
    assert_eq!(
        answer.json(),
        json!({
            "access_token": second.access, "token_type": "Bearer", "expires_in": 600, "refresh_token": second.refresh,
        })
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_ne!(second.refresh, first.refresh);
    assert_eq!(second.pk(), first.pk(), "it is the same session");
    assert_eq!((stock(&first).await, stock(&second).await), (403, 200));
    let profile = shop.get("/users/me").bearer(&second.access).send().await;
    assert_eq!(profile.expect(200)["id"], ann.id);

    let third = shop.refreshed(&second).await;
    let stored = format!("{:?}", shop.items("users").await);
    assert!(stored.contains(&first.pk()));
    for tokens in [&first, &second, &third] {
        assert!(!stored.contains(mac(&tokens.refresh)));
        assert!(!stored.contains(mac(&tokens.access)));
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_used_before_gets_the_same_successor_for_ten_seconds_and_ends_its_session_after() {
    let shop = TestShop::open().await;
    shop.registered("ann@example.com").await;
    let bystander = shop.session("ann@example.com").await;
    let (first, again) = at_a_stretch(&shop, "ann@example.com", async |first| {
        [
            shop.refresh(&first.refresh).send().await,
            shop.refresh(&first.refresh).send().await,
            shop.refresh(&first.refresh).send().await,
        ]
    })
    .await;
    let again = again.map(|answer| Tokens::of(&answer.expect(200)));
    let newest = &again[0];
    assert_eq!(refresh_tokens(&again), [newest.refresh.as_str(); 3]);
    for tokens in &again {
        let profile = shop.get("/users/me").bearer(&tokens.access);
        profile.send().await.expect(200);
    }

    shop.let_age(&first, 10_000).await;
    let reused = shop.assert_ended(&first).await;
    assert_eq!(reused.header("www-authenticate"), "Bearer");
    let newest = shop.assert_ended(newest).await;
    assert_eq!(newest.without_instance(), reused.without_instance());
    shop.refreshed(&bystander).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_two_generations_old_ends_its_session_at_once() {
    let shop = TestShop::open().await;
    shop.registered("ann@example.com").await;
    let first = shop.session("ann@example.com").await;
    let second = shop.refreshed(&first).await;
    let third = shop.refreshed(&second).await;
    for tokens in [&first, &third, &second] {
        shop.assert_ended(tokens).await;
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_requests_with_one_token_all_get_one_successor() {
    let shop = TestShop::open().await;
    shop.registered("ann@example.com").await;
    shop.lambda.warm("refresh-session", 8).await.unwrap();
    let shop = Arc::new(shop);
    let (first, answers) = at_a_stretch(&shop, "ann@example.com", async |first| {
        let refreshing = (0..20).map(|_| {
            let (shop, token) = (shop.clone(), first.refresh.clone());
            async move { shop.refresh(&token).send().await }
        });
        at_once(refreshing).await
    })
    .await;
    assert!(
        shop.lambda.overlapping("refresh-session") > 1,
        "they did meet"
    );
    let sessions: Vec<Tokens> = answers
        .iter()
        .map(|answer| Tokens::of(&answer.expect(200)))
        .collect();
    let newest = &sessions[0];
    assert_eq!(refresh_tokens(&sessions), [newest.refresh.as_str(); 20]);
    assert_ne!(newest.refresh, first.refresh);
    shop.refreshed(newest).await;
    Arc::into_inner(shop).unwrap().close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_refresh_token_of_this_shop_is_told_so_in_one_way_and_changes_nothing() {
    let shop = TestShop::open().await;
    shop.registered("ann@example.com").await;
    let session = shop.session("ann@example.com").await;
    let token = session.refresh.as_str();
    let [family, generation, mac] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!("{token}")
    };
    let other = shop.session("ann@example.com").await;
    let other_family = other.refresh.split('.').next().unwrap();
    let elsewhere = refresh_key(&local_shop::Keys::generate().unwrap());
    let nobodys = refresh_key(shop.keys());
    let nobodys = nobodys.token(&nobodys.family([7; 16]), 1);
    let turned: String = mac.chars().rev().collect();
    let before = shop.snapshot().await;
    let mut bodies: Vec<Value> = Vec::new();
    for bad in [
        "",
        "garbage",
        "..",
        &session.access,
        &elsewhere.token(family, 1),
        &nobodys,
        &format!("{other_family}.{generation}.{mac}"),
        &format!("{family}.2.{mac}"),
        &format!("{family}.0.{mac}"),
        &format!("{family}.{generation}.{turned}"),
        &format!("{family}.{generation}."),
        &format!("{family}.{generation}"),
        &format!("{token}="),
        &format!(" {token}"),
        &token.to_uppercase(),
        &"a".repeat(20_000),
    ] {
        let refused = shop.refresh(bad).send().await;
        refused.problem(401, "invalid-refresh-token");
        assert_eq!(refused.header("www-authenticate"), "Bearer", "{bad}");
        bodies.push(refused.without_instance());
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:#?}");
    shop.assert_unchanged(&before).await;
    shop.refreshed(&session).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_whose_answer_was_lost_gets_the_successor_by_the_same_token() {
    let shop = TestShop::open().await;
    shop.registered("ann@example.com").await;
    let (first, (lost, again)) = at_a_stretch(&shop, "ann@example.com", async |first| {
        shop.wire.lose_answers_to(&["UpdateItem"], "users");
        let lost = shop.refresh(&first.refresh).send().await;
        shop.wire.mend();
        (lost, shop.refresh(&first.refresh).send().await)
    })
    .await;
    lost.problem(503, "outcome-unknown");
    let again = Tokens::of(&again.expect(200));
    assert_eq!(again.refresh.split('.').nth(1), Some("2"), "rotated once");
    let third = shop.refreshed(&again).await;
    assert_ne!(third.refresh, first.refresh);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_over_after_thirty_days_without_a_refresh() {
    let shop = TestShop::open().await;
    shop.registered("ann@example.com").await;
    let session = shop.session("ann@example.com").await;
    let expires = async |at: i64| shop.set_number("users", &session.pk(), "expires", at).await;
    let now = now().as_seconds();
    expires(now).await;
    let before = shop.snapshot().await;
    shop.assert_ended(&session).await;
    shop.assert_unchanged(&before).await;

    expires(now + 3600).await;
    let next = shop.refreshed(&session).await;
    let items = shop.items("users").await;
    let item = items
        .iter()
        .find(|item| item["pk"].as_s() == Ok(&session.pk()));
    let kept: i64 = item.unwrap()["expires"].as_n().unwrap().parse().unwrap();
    let days = (kept - now) / (24 * 3600);
    assert_eq!(days, 30, "a refresh begins them anew");
    shop.refreshed(&next).await;
    shop.log_in("ann@example.com", PASSWORD)
        .send()
        .await
        .expect(201);
    shop.close().await;
}
