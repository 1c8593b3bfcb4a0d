//! `get-jwks`.

use edge::{Sessions, Settings};
use serde_json::{Value, json};

use crate::support::{NAME, TestShop};

/// Whether somebody who knows these keys alone takes this for a guest's token of the shop.
fn is_proven_by(keys: &Value, token: &str) -> bool {
    let keys = keys.to_string();
    let settings = [
        ("TOKEN_PUBLIC_KEYS", keys.as_str()),
        ("TOKEN_AUDIENCE", NAME),
    ];
    let sessions = Sessions::from_settings(&Settings::from_map(settings)).unwrap();
    sessions.guest(token).is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_key_set_proves_tokens_and_has_nothing_that_makes_them() {
    let (shop, other) = tokio::join!(TestShop::open(), TestShop::open());
    let answer = shop.get("/.well-known/jwks.json").send().await;
    let keys = answer.expect(200);
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    assert_eq!(answer.header("content-type"), "application/json");
    let key = &keys["keys"][0];
    assert_eq!(
        keys,
        json!({"keys": [{
            "kty": "OKP", "crv": "Ed25519", "kid": key["kid"], "x": key["x"], "alg": "EdDSA", "use": "sig",
        }]}),
        "there is no d"
    );
    let token = async |shop: &TestShop| {
        let session = shop.post("/guests").send().await.expect(201);
        session["access_token"].as_str().unwrap().to_owned()
    };
    let (ours, theirs) = (token(&shop).await, token(&other).await);
    assert!(is_proven_by(&keys, &ours));
    assert!(!is_proven_by(&keys, &theirs));
    let mut renamed = keys.clone();
    renamed["keys"][0]["kid"] = json!("another");
    assert!(!is_proven_by(&renamed, &ours), "tokens name their key");
    shop.close().await;
    other.close().await;
}
