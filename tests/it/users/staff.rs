//! Who was staff and is none any more.

use cli::Failure;
use store::links::Purpose;

use crate::support::{NAME, PASSWORD, TestShop, Tokens, cargo_shop};

const ANN: &str = "ann@example.com";

/// How an exact stock, which staff alone are told, is answered to this access token.
async fn stock(shop: &TestShop, access_token: &str) -> u16 {
    let stock = shop.get("/products/mug/stock").bearer(access_token);
    stock.send().await.status
}

async fn revoke(shop: &TestShop, email: &str) -> Result<(), Failure> {
    cargo_shop(shop, &["revoke-staff", email]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_staff_no_more_gets_no_token_of_the_staff_again() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 0).await;
    shop.registered_staff(ANN).await;
    shop.registered_staff("bob@example.com").await;
    let sessions = [shop.session(ANN).await, shop.session(ANN).await];
    let refreshed = shop.refreshed(&sessions[0]).await;
    let bobs = shop.session("bob@example.com").await;
    let link = shop.link_to(Purpose::ResetPassword, ANN).await;
    revoke(&shop, ANN).await.unwrap();

    for ended in sessions.iter().chain([&refreshed]) {
        shop.assert_ended(ended).await;
        // It can't be taken back, and runs out.
        assert_eq!(stock(&shop, &ended.access).await, 200);
    }
    let reset = shop.reset(&link, PASSWORD).await;
    reset.problem(422, "invalid-link");
    let customer = shop.session(ANN).await;
    assert_eq!(stock(&shop, &customer.access).await, 403);
    let profile = shop.get("/users/me").bearer(&customer.access).send().await;
    assert_eq!(profile.expect(200)["role"], "customer");
    shop.refreshed(&customer).await;
    let bobs = shop.refreshed(&bobs).await;
    assert_eq!(stock(&shop, &bobs.access).await, 200);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_no_staff_stays_as_they_are() {
    let shop = TestShop::open().await;
    shop.registered_staff(ANN).await;
    shop.registered("bob@example.com").await;
    revoke(&shop, ANN).await.unwrap();
    let before = shop.snapshot().await;
    for customer in [ANN, "bob@example.com"] {
        let refused = revoke(&shop, customer).await.unwrap_err();
        assert!(matches!(&refused, Failure::NotStaff(email) if email == customer));
        assert_eq!(refused.exit_code(), 1);
    }
    let nobody = revoke(&shop, "nobody@example.com").await.unwrap_err();
    assert!(matches!(nobody, Failure::NobodysAccount(_)), "{nobody}");
    let malformed = revoke(&shop, "nobody").await;
    assert!(matches!(malformed, Err(Failure::Email(_))));
    shop.assert_unchanged(&before).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_staff_already_stays_so_and_who_has_not_shown_their_address_is_told_how() {
    let shop = TestShop::open().await;
    shop.registered_staff(ANN).await;
    shop.registered("bob@example.com").await;
    let before = shop.snapshot().await;
    // Her address is not verified either.
    for again in [
        &["grant-staff", ANN][..],
        &["grant-staff", ANN, "--unverified"],
    ] {
        let refused = cargo_shop(&shop, again).await.unwrap_err();
        assert!(matches!(&refused, Failure::StaffAlready(email) if email == ANN));
        assert_eq!(refused.exit_code(), 1);
    }
    let refused = cargo_shop(&shop, &["grant-staff", "bob@example.com"]).await;
    let refused = refused.unwrap_err().to_string();
    let endpoint = shop.dynamodb.endpoint();
    let mail =
        format!("`cargo shop mail --endpoint {endpoint} --shop {NAME} --to bob@example.com`");
    for way in ["`POST /users/me/email-verification`", &mail, "--unverified"] {
        assert!(refused.contains(way), "{refused}");
    }
    let nobody = cargo_shop(&shop, &["grant-staff", "nobody@example.com"]).await;
    assert!(matches!(nobody, Err(Failure::NoAccount(_))));
    shop.assert_unchanged(&before).await;
    shop.close().await;
}

/// Which of them comes first chance decides. Every way is gone through in simulated time, in `crates/simulation/tests/it/staff.rs`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_and_another_password_at_the_same_time_leave_no_session_of_the_staff() {
    let shop = TestShop::open().await;
    shop.registered_staff(ANN).await;
    let [refreshing, changing] = [shop.session(ANN).await, shop.session(ANN).await];
    let change = shop.change_password(&changing.access, PASSWORD, "another long password");
    let (refreshed, changed, revoked) = tokio::join!(
        shop.refresh(&refreshing.refresh).send(),
        change.send(),
        revoke(&shop, ANN),
    );
    revoked.unwrap();
    if refreshed.status == 200 {
        let successor = Tokens::of(&refreshed.json());
        shop.assert_ended(&successor).await;
    } else {
        refreshed.problem(401, "invalid-refresh-token");
    }
    if changed.status != 204 {
        changed.problem(503, "busy");
    }
    shop.assert_ended(&refreshing).await;
    shop.assert_ended(&changing).await;
    shop.close().await;
}
