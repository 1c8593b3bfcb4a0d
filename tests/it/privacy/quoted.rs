//! What DynamoDB refuses with a message that quotes the request.

use serde_json::{Value, json};

use super::{
    canaries::{canaries, these},
    client::Client,
    people::EMAIL,
    written::assert_clean,
};
use crate::support::{PASSWORD, THE_REQUEST, TestShop};

fn quoting(kind: &str) -> Value {
    let message = format!("1 validation error detected: Value '{THE_REQUEST}' is not good");
    json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{kind}"), "message": message})
}

/// The error of a transaction that is cancelled because one of its writes can't be made.
fn cancelled() -> Value {
    let mut error = quoting("TransactionCanceledException");
    error["CancellationReasons"] = json!([{"Code": "ValidationError", "Message": THE_REQUEST}]);
    error
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_dynamodb_quotes_of_a_request_is_neither_answered_nor_logged() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 9).await;
    let (ann, staff) = (shop.customer(), shop.staff());
    let order = shop.paid(&ann, &[("mug", 1)]).await;
    shop.drain_stream().await;
    let mut client = Client::of(&shop);
    let account = json!({"email": EMAIL, "password": PASSWORD, "name": "canaryname"});
    let placed = json!({
        "items": [{"product_id": "mug", "quantity": 1}],
        "shipping_address": {
            "name": "canaryrecipient", "line1": "canaryline1", "city": "canarycity", "postal_code": "canarypostal",
            "country": "GB",
        },
    });
    let adjusted = json!({"delta": 1, "reason": "found", "note": "canarynote"});
    let parcel = json!({"carrier": "canarycarrier", "tracking_number": "canarytracking"});
    let register = client.post("/users").json(&account);
    let place = client.post("/orders").bearer(&ann.token).key("canarykey");
    let adjust = client.post("/products/mug/stock-adjustments");
    let adjust = adjust.bearer(&staff.token).key("canarykey");
    let ship = client.post(&format!("/orders/{order}/shipment"));
    let ship = ship.bearer(&staff.token).json(&parcel);
    let rejected = quoting("ValidationException");
    for (name, error, call) in [
        ("TransactWriteItems", cancelled(), register),
        ("TransactWriteItems", rejected.clone(), place.json(&placed)),
        (
            "TransactWriteItems",
            rejected.clone(),
            adjust.json(&adjusted),
        ),
        ("UpdateItem", rejected.clone(), ship),
    ] {
        shop.wire.refuse(name, 1, &error);
        let failed = client.send(call, 500).await;
        assert_eq!(failed["type"], "/problems/internal-error");
        assert_eq!(shop.wire.forgive(), 0, "{name} was not called");
    }
    let ship = client.post(&format!("/orders/{order}/shipment"));
    let ship = ship.bearer(&staff.token).json(&parcel);
    shop.wire
        .refuse("UpdateItem", 100, &quoting("ThrottlingException"));
    client.send(ship, 503).await;
    assert_ne!(shop.wire.forgive(), 100);

    // A message, with the link in it, that can't be put into the mailbox at first.
    let register = client.post("/users").json(&account);
    client.send(register, 201).await;
    shop.wire.refuse("PutItem", 1, &rejected);
    let link = client.mailed(EMAIL).await;
    assert_eq!(shop.wire.forgive(), 0);

    let quoted = shop.wire.quoted();
    let sent = [
        "canarycarrier",
        "canarycity",
        "canaryemail",
        "canaryline1",
        "canaryname",
        "canarynote",
        "canarypostal",
        "canaryrecipient",
        "canarytracking",
    ];
    assert_eq!(canaries(&quoted), these(&sent));
    assert!(quoted.contains(&link) && quoted.contains("$argon2"));
    assert_eq!(canaries(&client.answered(true)), these(&[]));
    let logs = shop.logs().await;
    let secrets = [&client.secrets[..], &client.mailed, &["$argon2".to_owned()]].concat();
    assert_clean(&logs, &client.answers, &secrets);
    // What is told instead.
    for (operation, refused) in [
        (
            "register-user",
            "TransactionCanceledException [ValidationError] to TransactWriteItems",
        ),
        ("place-order", "ValidationException to TransactWriteItems"),
        ("adjust-stock", "ValidationException to TransactWriteItems"),
        ("ship-order", "ValidationException to UpdateItem of "),
        ("ship-order", "ThrottlingException to UpdateItem of "),
    ] {
        let (log, told) = (&logs[operation], format!("DynamoDB answers 400 {refused}"));
        assert!(log.contains(&told), "{log}");
    }
    assert!(logs["send-account-mail"].contains("a record was not dealt with"));
    shop.close().await;
}
