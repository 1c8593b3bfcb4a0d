//! The OpenAPI document: that it is served, and that the other tests hold every answer against it.

use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::support::{
    Answer, TestShop,
    contract::{self, Sent},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn anyone_reads_the_document_and_may_keep_it_for_five_minutes() {
    let shop = TestShop::open().await;
    let answer = shop.get("/openapi.json").send().await;
    assert_eq!(answer.expect(200)["openapi"], "3.1.0");
    assert_eq!(answer.text, contract::document());
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    shop.close().await;
}

fn answer(status: u16, kind: &str, body: &Value) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", kind.parse().unwrap());
    headers.insert("x-request-id", "req-1".parse().unwrap());
    Answer {
        status,
        headers,
        text: body.to_string(),
    }
}

fn cart() -> Value {
    json!({"items": [], "total": null, "version": 0})
}

fn sent<'a>(method: &'a str, path: &'a str, body: &'a str) -> Sent<'a> {
    let body = body.as_bytes();
    Sent { method, path, body }
}

/// What is wrong with an answer to `GET /cart`.
fn wrong(status: u16, kind: &str, body: &Value) -> String {
    let answer = answer(status, kind, body);
    contract::check(&sent("GET", "/cart", ""), &answer).unwrap_err()
}

#[test]
fn an_answer_that_the_document_does_not_have_is_noticed() {
    let json = "application/json";
    let good = answer(200, json, &cart());
    assert_eq!(contract::check(&sent("GET", "/cart", ""), &good), Ok(()));

    let with = |name: &str, value: Value| {
        let mut cart = cart();
        cart[name] = value;
        cart
    };
    assert!(wrong(201, json, &cart()).contains("no answer 201"));
    assert!(wrong(200, "text/plain", &cart()).contains("no \"text/plain\""));
    assert!(wrong(200, json, &json!({"items": []})).contains("total"));
    assert!(wrong(200, json, &with("version", json!("0"))).contains("/version"));
    assert!(wrong(200, json, &with("more", json!(1))).contains("more"));
    let problem = json!({
        "type": "/problems/cart-full", "title": "Cart full", "status": 401, "detail": "", "instance": "req-1",
    });
    assert!(wrong(401, "application/problem+json", &problem).contains("www-authenticate"));
}

#[test]
fn a_request_that_the_document_forbids_and_the_shop_takes_is_noticed() {
    let put = |body: &'static str| {
        let answer = answer(200, "application/json", &cart());
        contract::check(&sent("PUT", "/cart/items/mug", body), &answer)
    };
    assert_eq!(put(r#"{"quantity": 99}"#), Ok(()));
    for body in [
        r#"{"quantity": 100}"#,
        r#"{"quantity": 1, "more": 1}"#,
        "{}",
    ] {
        assert!(put(body).unwrap_err().contains("no good one"), "{body}");
    }
}

#[test]
fn what_the_gateway_answers_by_itself_is_its_own() {
    let mut answer = answer(404, "application/json", &json!({"message": "Not Found"}));
    answer.headers.remove("x-request-id");
    assert_eq!(contract::check(&sent("GET", "/cart", ""), &answer), Ok(()));
    assert_eq!(contract::check(&sent("GET", "/none", ""), &answer), Ok(()));
}
