//! `get-profile`.

use domain::Role;
use serde_json::json;

use crate::support::TestShop;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_sees_their_own_account_and_nobody_elses() {
    let shop = TestShop::open().await;
    let (ann, bob) = (
        shop.registered("ann@example.com").await,
        shop.registered("bob@example.com").await,
    );
    let staff = shop.registered_staff("sue@example.com").await;
    for (caller, email, role) in [
        (&ann, "ann@example.com", Role::Customer),
        (&bob, "bob@example.com", Role::Customer),
        (&staff, "sue@example.com", Role::Staff),
    ] {
        let answer = shop.get("/users/me").bearer(&caller.token).send().await;
        let profile = answer.expect(200);
        let expected = json!({
            "id": caller.id, "email": email, "name": null, "email_verified": false, "role": role, "created_at": profile["created_at"],
        });
        assert_eq!(profile, expected);
        assert!(profile["created_at"].is_string());
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_without_an_account_behind_it_has_no_profile() {
    let shop = TestShop::open().await;
    let gone = shop.customer();
    let answer = shop.get("/users/me").bearer(&gone.token).send().await;
    answer.problem(401, "unauthenticated");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    shop.close().await;
}
