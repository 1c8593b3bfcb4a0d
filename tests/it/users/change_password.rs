//! `change-password`.

use std::sync::Arc;

use super::throttling::{WINDOW, in_one_window};
use crate::{
    races::at_once,
    support::{PASSWORD, TestShop, Tokens, refresh_key},
};

const NEW: &str = "another long password";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_password_ends_every_other_session_and_not_the_one_that_set_it() {
    let shop = TestShop::open().await;
    shop.registered("ann@example.com").await;
    shop.registered("bob@example.com").await;
    let own = shop.session("ann@example.com").await;
    let others = [
        shop.session("ann@example.com").await,
        shop.session("ann@example.com").await,
    ];
    let refreshed = shop.refreshed(&others[0]).await;
    let bobs = shop.session("bob@example.com").await;
    let change = shop.change_password(&own.access, PASSWORD, NEW);
    let changed = change.send().await;
    assert_eq!((changed.status, changed.text.as_str()), (204, ""));
    assert_eq!(changed.header("cache-control"), "no-store");
    for ended in others.iter().chain([&refreshed]) {
        shop.assert_ended(ended).await;
    }
    let own = shop.refreshed(&own).await;
    let profile = shop.get("/users/me").bearer(&own.access).send().await;
    assert_eq!(profile.expect(200)["email"], "ann@example.com");
    shop.refreshed(&bobs).await;

    let old = shop.log_in("ann@example.com", PASSWORD).send().await;
    old.problem(401, "invalid-credentials");
    shop.log_in("ann@example.com", NEW).send().await.expect(201);
    shop.log_in("bob@example.com", PASSWORD)
        .send()
        .await
        .expect(201);
    let stored = format!("{:?}", shop.snapshot().await);
    assert!(!stored.contains(NEW));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_or_a_weak_one_changes_nothing() {
    let shop = TestShop::open().await;
    shop.registered("ann@example.com").await;
    let own = shop.session("ann@example.com").await;
    let other = shop.session("ann@example.com").await;
    let like_a_log_in = shop.log_in("nobody@example.com", PASSWORD).send().await;
    let before = shop.snapshot().await;
    let long = "x".repeat(1025);
    for current in ["", "a wrong password", "Correct horse battery", &long] {
        let refused = shop.change_password(&own.access, current, NEW).send().await;
        refused.problem(401, "invalid-credentials");
        let mut as_a_log_in = like_a_log_in.without_instance();
        as_a_log_in["detail"] = "The current password is wrong.".into();
        assert_eq!(refused.without_instance(), as_a_log_in);
        assert_eq!(refused.header("www-authenticate"), "Bearer");
    }
    for new in ["", "eleven char", &long] {
        for current in [PASSWORD, "a wrong password"] {
            let refused = shop.change_password(&own.access, current, new).send().await;
            refused.problem(422, "weak-password");
        }
    }
    shop.assert_unchanged(&before).await;
    shop.refreshed(&other).await;
    shop.log_in("ann@example.com", PASSWORD)
        .send()
        .await
        .expect(201);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_at_the_current_password_are_counted_by_session() {
    let shop = TestShop::open().await;
    let (statuses, stopped, others) = in_one_window(&shop, async |email| {
        let (own, other) = (shop.session(&email).await, shop.session(&email).await);
        let change = |session: &Tokens, current: &str| {
            // A wrong password that is the new one, too, would be a change that was made.
            let new = if current == PASSWORD { PASSWORD } else { NEW };
            shop.change_password(&session.access, current, new).send()
        };
        let mut statuses = Vec::new();
        for times in [9, 10] {
            for _ in 0..times {
                statuses.push(change(&own, "a wrong password").await.status);
            }
            // A change that succeeds clears them; the eleventh try does not get so far.
            statuses.push(change(&own, PASSWORD).await.status);
        }
        let stopped = change(&own, PASSWORD).await;
        // Neither another session nor a log-in is kept from anything by it.
        let log_in = shop.log_in(&email, PASSWORD).send().await.status;
        let others = [change(&other, PASSWORD).await.status, log_in];
        (statuses, stopped, others)
    })
    .await;
    assert_eq!(
        statuses,
        [&[401; 9][..], &[204], &[401; 10], &[429]].concat()
    );
    stopped.problem(429, "too-many-attempts");
    let wait: i64 = stopped.header("retry-after").parse().unwrap();
    assert!((1..=WINDOW).contains(&wait), "{wait}");
    assert_eq!(others[1], 201);
    // The other session ended with the first change.
    assert_eq!(others[0], 204);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_sent_again_is_done_and_ends_no_session_more() {
    let shop = TestShop::open().await;
    shop.registered("ann@example.com").await;
    let own = shop.session("ann@example.com").await;
    let other = shop.session("ann@example.com").await;
    let change = || shop.change_password(&own.access, PASSWORD, NEW).send();
    shop.wire.lose_answers_to(&["TransactWriteItems"], "users");
    change().await.problem(503, "outcome-unknown");
    shop.wire.mend();
    let log_in = shop.log_in("ann@example.com", NEW).send().await;
    let later = Tokens::of(&log_in.expect(201));
    for _ in 0..2 {
        change().await.expect(204);
    }
    shop.assert_ended(&other).await;
    shop.refreshed(&later).await;
    let own = shop.refreshed(&own).await;
    // Back again is another change.
    let back = shop.change_password(&own.access, NEW, PASSWORD);
    back.send().await.expect(204);
    shop.assert_ended(&later).await;
    shop.refreshed(&own).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_changes_at_once_one_is_made() {
    let shop = TestShop::open().await;
    shop.lambda.warm("change-password", 4).await.unwrap();
    shop.registered("ann@example.com").await;
    let shop = Arc::new(shop);
    let mut current = PASSWORD.to_owned();
    for round in 0..3 {
        let mut sessions = Vec::new();
        for _ in 0..4 {
            let log_in = shop.log_in("ann@example.com", &current).send().await;
            sessions.push(Tokens::of(&log_in.expect(201)));
        }
        let changing = sessions.iter().enumerate().map(|(number, session)| {
            let new = format!("lantern {number} of gravel {round}");
            let (shop, token, current) = (shop.clone(), session.access.clone(), current.clone());
            async move { shop.change_password(&token, &current, &new).send().await }
        });
        let answers = at_once(changing).await;
        let made: Vec<usize> = (0..4).filter(|n| answers[*n].status == 204).collect();
        let [made] = made[..] else {
            panic!("{answers:#?}")
        };
        for (number, session) in sessions.iter().enumerate() {
            let log_in = shop.log_in(
                "ann@example.com",
                &format!("lantern {number} of gravel {round}"),
            );
            if number == made {
                shop.refreshed(session).await;
                log_in.send().await.expect(201);
            } else {
                match answers[number].status {
                    503 => answers[number].problem(503, "busy"),
                    _ => answers[number].problem(401, "invalid-credentials"),
                };
                shop.assert_ended(session).await;
                log_in.send().await.problem(401, "invalid-credentials");
            }
        }
        let old = shop.log_in("ann@example.com", &current).send().await;
        old.problem(401, "invalid-credentials");
        current = format!("lantern {made} of gravel {round}");
        shop.log_in("ann@example.com", &current)
            .send()
            .await
            .expect(201);
    }
    Arc::into_inner(shop).unwrap().close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_begun_with_the_old_password_while_it_is_changed_is_not_refreshed() {
    let shop = TestShop::open().await;
    shop.registered("ann@example.com").await;
    let own = shop.session("ann@example.com").await;
    // What a log-in does, up to the moment in which it has found the password right.
    let email = domain::Email::parse("ann@example.com").unwrap();
    let account = shop.users().account(&email).await.unwrap().unwrap();
    let change = shop.change_password(&own.access, PASSWORD, NEW);
    change.send().await.expect(204);
    let key = refresh_key(shop.keys());
    let family = key.family([7; 16]);
    shop.users().begin_session(&family, &account).await.unwrap();
    let late = shop.refresh(&key.token(&family, 1)).send().await;
    late.problem(401, "invalid-refresh-token");
    shop.refreshed(&own).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ended_may_change_the_password_and_stays_ended() {
    let shop = TestShop::open().await;
    let staff = shop.registered_staff("sue@example.com").await;
    let left = shop.session("sue@example.com").await;
    let other = shop.session("sue@example.com").await;
    shop.log_out(&left.access).send().await.expect(204);
    let change = shop.change_password(&left.access, PASSWORD, NEW);
    change.send().await.expect(204);
    shop.assert_ended(&left).await;
    shop.assert_ended(&other).await;
    shop.log_in("sue@example.com", NEW).send().await.expect(201);
    // This one ended by the change.
    let change = shop.change_password(&staff.token, NEW, PASSWORD);
    change.send().await.expect(204);
    shop.assert_ended(&left).await;
    shop.session("sue@example.com").await;
    shop.close().await;
}
