//! `verify-email`, `request-email-verification` and the links that they are about.

use serde_json::json;
use store::links::Purpose;

use crate::support::{Answer, TestShop, now};

async fn ask_again(shop: &TestShop, token: &str) -> Answer {
    let call = shop.post("/users/me/email-verification");
    call.bearer(token).send().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_registers_is_sent_a_link_that_verifies_the_address_as_often_as_it_is_used() {
    let shop = TestShop::open().await;
    let ann = shop.registered("ann@example.com").await;
    assert!(!shop.is_verified(&ann.id).await);
    let letters = shop.letters("ann@example.com").await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].subject, "Is this your e-mail address?");
    let token = shop.token_in_letter("ann@example.com").await;
    let stored = format!("{:?}", shop.users_table().await);
    let mac = token.split_once('.').unwrap().1;
    assert!(!stored.contains(mac), "a token is stored");
    for _ in 0..2 {
        let verified = shop.verify(&token).await;
        assert_eq!((verified.status, verified.text.as_str()), (204, ""));
    }
    let profile = shop.get("/users/me").bearer(&ann.token).send().await;
    assert_eq!(profile.expect(200)["email_verified"], true);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_link_is_sent_on_demand_and_none_when_there_is_nothing_to_verify() {
    let shop = TestShop::open().await;
    let ann = shop.registered("ann@example.com").await;
    let first = shop.token_in_letter("ann@example.com").await;
    let asked = ask_again(&shop, &ann.token).await;
    assert_eq!((asked.status, asked.text.as_str()), (202, ""));
    assert_eq!(asked.header("cache-control"), "no-store");
    let second = shop.token_in_letter("ann@example.com").await;
    assert_ne!(first, second);
    // The earlier one is still good, since letters may arrive in any order.
    shop.verify(&first).await.expect(204);
    ask_again(&shop, &ann.token).await.expect(202);
    assert_eq!(shop.letters("ann@example.com").await.len(), 2);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_link_or_no_longer_verifies_nothing() {
    let shop = TestShop::open().await;
    let ann = shop.registered("ann@example.com").await;
    let good = shop.token_in_letter("ann@example.com").await;
    let reset = shop
        .link_to(Purpose::ResetPassword, "ann@example.com")
        .await;
    let (id, mac) = good.split_once('.').unwrap();
    let unknown = shop.link_token(Purpose::VerifyEmail, "AAAAAAAAAAAAAAAAAAAAAA");
    let as_reset = shop.link_token(Purpose::ResetPassword, id);
    let bad = [
        "",
        "x",
        ".",
        id,
        mac,
        &format!("{id}.{}", mac.to_lowercase()),
        &format!("{good}="),
        &reset,
        &as_reset,
        &unknown,
        &"a".repeat(5000),
    ];
    for token in bad {
        shop.verify(token).await.problem(422, "invalid-link");
    }
    for body in [
        json!({}),
        json!({"token": 1}),
        json!({"token": good, "x": 1}),
    ] {
        let call = shop.post("/email-verifications").json(&body);
        call.send().await.problem(400, "invalid-body");
    }
    let pk = format!("LINK#{id}");
    let over = now().as_seconds();
    shop.set_number("users", &pk, "expires", over).await;
    shop.verify(&good).await.problem(422, "invalid-link");
    assert!(!shop.is_verified(&ann.id).await);

    let last = shop.link_to(Purpose::VerifyEmail, "ann@example.com").await;
    shop.delete_account(&ann.token).send().await.expect(204);
    shop.verify(&last).await.problem(422, "invalid-link");
    ask_again(&shop, &ann.token)
        .await
        .problem(401, "unauthenticated");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_comes_twice_through_the_stream_is_one_message_and_one_that_is_over_is_none() {
    let shop = TestShop::open().await;
    shop.registered("ann@example.com").await;
    let link = |expires: i64, id: &str| {
        let user = format!("usr_{}", "a".repeat(26));
        json!({
            "pk": {"S": format!("LINK#{id}")}, "purpose": {"S": "verify-email"}, "user": {"S": user},
            "session_epoch": {"N": "0"}, "expires": {"N": expires.to_string()}, "send": {"BOOL": true},
        })
    };
    let record = |image: &serde_json::Value| {
        json!({
            "eventID": "1", "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-1", "eventSourceARN": "arn",
            "dynamodb": {
                "ApproximateCreationDateTime": now().as_seconds(), "Keys": {"pk": image["pk"]}, "NewImage": image,
                "SequenceNumber": "1", "SizeBytes": 1, "StreamViewType": "NEW_IMAGE",
            },
        })
    };
    // Of nobody who still has an account, over, and no link at all: nothing to do, and nothing to fail at.
    let later = now().as_seconds() + 1000;
    let other = json!({"pk": {"S": "USER#x"}});
    let images = [link(later, "a"), link(1, "b"), other];
    let records: Vec<_> = images.iter().map(record).collect();
    let records: Vec<_> = records.iter().collect();
    let answer = shop.bring("send-account-mail", &records).await;
    assert_eq!(answer, json!({"batchItemFailures": []}));
    // What can't be read is named, so that it alone is tried again.
    let broken = json!({"pk": {"S": "LINK#c"}, "user": {"S": "usr_x"}, "send": {"BOOL": true}});
    let records = [record(&images[0]), record(&broken)];
    let records: Vec<_> = records.iter().collect();
    let answer = shop.bring("send-account-mail", &records).await;
    assert_eq!(
        answer,
        json!({"batchItemFailures": [{"itemIdentifier": "1"}]})
    );

    let before = shop.letters("ann@example.com").await;
    assert_eq!(before.len(), 1);
    let stream = shop.records_for("send-account-mail").await;
    let stream: Vec<_> = stream.iter().collect();
    for _ in 0..2 {
        let again = shop.bring("send-account-mail", &stream).await;
        assert_eq!(again, json!({"batchItemFailures": []}));
    }
    assert_eq!(shop.letters("ann@example.com").await, before);
    shop.close().await;
}
