//! `request-password-reset` and `reset-password`.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::json;
use store::links::Purpose;

use super::throttling::in_one_window;
use crate::{
    races::at_once,
    support::{PASSWORD, TestShop, Tokens, now, text},
};

const ANN: &str = "ann@example.com";
const NEW: &str = "lantern gravel ox 7";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_sets_another_password_ends_every_session_and_begins_one() {
    let shop = TestShop::open().await;
    let ann = shop.registered(ANN).await;
    let others = [shop.session(ANN).await, shop.session(ANN).await];
    let asked = shop.ask_for_reset(" ANN@example.com").await;
    assert_eq!((asked.status, asked.text.as_str()), (202, ""));
    let token = shop.token_in_letter(ANN).await;
    let answer = shop.reset(&token, NEW).await;
    let session = answer.expect(200);
    let tokens = Tokens::of(&session);
    let members: BTreeSet<&String> = session.as_object().unwrap().keys().collect();
    let expected = [
        "access_token",
        "device_token",
        "expires_in",
        "refresh_token",
        "token_type",
    ];
    assert!(members.into_iter().eq(expected), "{session}");
    assert_eq!(answer.header("cache-control"), "no-store");
    for ended in &others {
        shop.assert_ended(ended).await;
    }
    let own = shop.refreshed(&tokens).await;
    let profile = shop.get("/users/me").bearer(&own.access).send().await;
    assert_eq!(profile.expect(200)["id"], ann.id);
    // Who reads what is sent there has shown that the address is theirs.
    assert!(shop.is_verified(&ann.id).await);
    shop.log_in(ANN, PASSWORD)
        .send()
        .await
        .problem(401, "invalid-credentials");
    shop.log_in(ANN, NEW).send().await.expect(201);
    let stored = format!("{:?}", shop.users_table().await);
    assert!(!stored.contains(NEW) && !stored.contains(token.split_once('.').unwrap().1));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whether_somebody_has_an_address_shows_neither_in_the_answer_nor_in_what_is_done() {
    let shop = TestShop::open().await;
    shop.registered(ANN).await;
    let mut answers = Vec::new();
    for email in [ANN, "nobody@example.com"] {
        shop.wire.calls();
        let asked = shop.ask_for_reset(email).await;
        let names: Vec<String> = asked.headers.keys().map(ToString::to_string).collect();
        answers.push((asked.status, asked.text.clone(), names, shop.wire.calls()));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(shop.letters("nobody@example.com").await.len(), 0);
    shop.ask_for_reset("no address")
        .await
        .problem(422, "invalid-email");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_is_good_once_and_the_same_again_is_a_repeat() {
    let shop = TestShop::open().await;
    shop.registered(ANN).await;
    let token = shop.link_to(Purpose::ResetPassword, ANN).await;
    // One that is refused for its password is good still.
    for weak in ["short", "password1234", ANN] {
        shop.reset(&token, weak).await.problem(422, "weak-password");
    }
    shop.reset(&token, NEW).await.expect(200);
    // The answer may have been lost.
    let again = Tokens::of(&shop.reset(&token, NEW).await.expect(200));
    shop.refreshed(&again).await;
    shop.reset(&token, "another long password")
        .await
        .problem(422, "invalid-link");
    // For ten minutes from then on, whenever it would have been over.
    let pk = format!("LINK#{}", token.split_once('.').unwrap().0);
    let items = shop.items("users").await;
    let link = items.iter().find(|item| text(item, "pk") == pk).unwrap();
    let expires: i64 = link["expires"].as_n().unwrap().parse().unwrap();
    let left = expires - now().as_seconds();
    assert!((590..=600).contains(&left), "{left}");
    shop.set_number("users", &pk, "expires", now().as_seconds())
        .await;
    shop.reset(&token, NEW).await.problem(422, "invalid-link");
    shop.log_in(ANN, NEW).send().await.expect(201);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_ends_with_its_time_with_another_link_and_with_a_change_of_password() {
    let shop = TestShop::open().await;
    shop.registered(ANN).await;
    let link = || shop.link_to(Purpose::ResetPassword, ANN);
    let (over, first, second) = (link().await, link().await, link().await);
    let pk = format!("LINK#{}", over.split_once('.').unwrap().0);
    shop.set_number("users", &pk, "expires", now().as_seconds())
        .await;
    shop.reset(&over, NEW).await.problem(422, "invalid-link");
    shop.reset(&second, NEW).await.expect(200);
    shop.reset(&first, PASSWORD)
        .await
        .problem(422, "invalid-link");
    shop.reset(&first, NEW).await.problem(422, "invalid-link");

    let third = link().await;
    let session = Tokens::of(&shop.log_in(ANN, NEW).send().await.expect(201));
    let change = shop.change_password(&session.access, NEW, PASSWORD);
    change.send().await.expect(204);
    shop.reset(&third, NEW).await.problem(422, "invalid-link");
    shop.log_in(ANN, PASSWORD).send().await.expect(201);

    let verifying = shop.link_to(Purpose::VerifyEmail, ANN).await;
    for token in ["", "x", &verifying, &link().await.to_uppercase()] {
        shop.reset(token, NEW).await.problem(422, "invalid-link");
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_resets_by_one_link_at_once_one_is_made() {
    let shop = TestShop::open().await;
    shop.lambda.warm("reset-password", 8).await.unwrap();
    shop.registered(ANN).await;
    let token = shop.link_to(Purpose::ResetPassword, ANN).await;
    let shop = Arc::new(shop);
    let password = |number: usize| format!("lantern {number} gravel ox");
    // As many as may try a link before one of them has used it.
    let resetting = (0..10).map(|number| {
        let (shop, token, password) = (shop.clone(), token.clone(), password(number));
        async move { shop.reset(&token, &password).await }
    });
    let answers = at_once(resetting).await;
    let made: Vec<usize> = (0..10).filter(|n| answers[*n].status == 200).collect();
    let [made] = made[..] else {
        panic!("{answers:#?}")
    };
    for (number, answer) in answers.iter().enumerate().filter(|(n, _)| *n != made) {
        answer.problem(422, "invalid-link");
        if number < 4 {
            let log_in = shop.log_in(ANN, &password(number));
            log_in.send().await.problem(401, "invalid-credentials");
        }
    }
    shop.log_in(ANN, &password(made)).send().await.expect(201);
    Arc::into_inner(shop).unwrap().close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reset_whose_answer_is_lost_is_done_when_it_is_asked_for_again() {
    let shop = TestShop::open().await;
    shop.registered(ANN).await;
    let token = shop.link_to(Purpose::ResetPassword, ANN).await;
    shop.wire.lose_answers_to(&["TransactWriteItems"], "users");
    shop.reset(&token, NEW)
        .await
        .problem(503, "outcome-unknown");
    shop.wire.mend();
    shop.reset(&token, NEW).await.expect(200);
    shop.log_in(ANN, NEW).send().await.expect(201);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_used_link_lets_nobody_guess_at_the_password() {
    let shop = TestShop::open().await;
    let statuses = in_one_window(&shop, async |email| {
        let token = shop.link_to(Purpose::ResetPassword, &email).await;
        shop.reset(&token, NEW).await.expect(200);
        let mut statuses = Vec::new();
        for _ in 0..11 {
            statuses.push(shop.reset(&token, "another long password").await.status);
        }
        statuses.push(shop.reset(&token, NEW).await.status);
        statuses
    })
    .await;
    assert_eq!(statuses, [&[422; 10][..], &[429, 429]].concat());
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_kept_from_logging_in_gets_in_by_a_link() {
    let shop = TestShop::open().await;
    let statuses = in_one_window(&shop, async |email| {
        for _ in 0..11 {
            shop.log_in(&email, "a wrong password").send().await;
        }
        let locked = shop.log_in(&email, PASSWORD).send().await.status;
        shop.ask_for_reset(&email).await.expect(202);
        let token = shop.token_in_letter(&email).await;
        let session = shop.reset(&token, NEW).await.expect(200);
        let body =
            json!({"email": email, "password": NEW, "device_token": session["device_token"]});
        let by_device = shop.post("/sessions").json(&body).send().await.status;
        let by_stranger = shop.log_in(&email, NEW).send().await.status;
        [locked, by_device, by_stranger]
    })
    .await;
    assert_eq!(statuses, [429, 201, 429]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_sent_more_than_five_links_in_a_quarter_of_an_hour() {
    let shop = TestShop::open().await;
    let (statuses, letters) = in_one_window(&shop, async |email| {
        let mut statuses = Vec::new();
        for _ in 0..6 {
            statuses.push(shop.ask_for_reset(&email).await.status);
        }
        let refused = shop.ask_for_reset(&email).await;
        refused.problem(429, "too-many-attempts");
        // An address that nobody has is counted alike.
        let nobody = format!("nobody-{email}");
        for _ in 0..6 {
            statuses.push(shop.ask_for_reset(&nobody).await.status);
        }
        (statuses, shop.letters(&email).await.len())
    })
    .await;
    // One was for having registered.
    let somebody = [202, 202, 202, 202, 429, 429];
    let nobody = [202, 202, 202, 202, 202, 429];
    assert_eq!(statuses, [somebody, nobody].concat());
    assert_eq!(letters, 5);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_registers_and_leaves_again_and_again_floods_nobody() {
    let shop = TestShop::open().await;
    let letters = in_one_window(&shop, async |email| {
        let email = format!("another-{email}");
        for _ in 0..7 {
            let somebody = shop.registered(&email).await;
            shop.drain_stream().await;
            let leave = shop.call(reqwest::Method::DELETE, "/users/me");
            leave.bearer(&somebody.token).send().await.expect(204);
        }
        shop.letters(&email).await.len()
    })
    .await;
    assert_eq!(letters, 5);
    shop.close().await;
}
