use serde_json::json;

use super::*;
use crate::testing::{context, event};

#[test]
fn what_clients_decide_cannot_break_a_request() {
    for (name, value) in [
        ("Host", "a:99999"),
        ("Host", "http://[::1"),
        ("Host", ""),
        ("X-Forwarded-Proto", "https,http"),
        ("X-Forwarded-Proto", "javascript"),
        ("User-Agent", "Mözilla 😀"),
        ("User-Agent", "a\u{0}\r\nb"),
        ("Bad Name", "x"),
        ("", "x"),
    ] {
        let request = event().header(name, value).request();
        assert_eq!(request.uri(), "/", "{name}: {value:?}");
    }
}

#[test]
fn paths_and_queries_of_any_kind_are_kept() {
    for (path, query, uri) in [
        ("/orders/ord_1", "", "/orders/ord_1"),
        ("/a b\"/ü", "", "/a%20b%22/%C3%BC"),
        ("", "", "/"),
        ("x?y#z", "", "/x%3Fy%23z"),
        ("//evil.example/x", "", "//evil.example/x"),
        ("/p", "query=a b\"c&d=#", "/p?query=a%20b%22c&d=%23"),
        ("/p", "query=%ff%", "/p?query=%ff%"),
        ("/p", "??\u{0}\n", "/p???%00%0A"),
    ] {
        let request = event().path(path).query(query).request();
        assert_eq!(request.uri().to_string(), uri, "{path} {query}");
    }
}

#[test]
fn what_is_no_request_is_a_400() {
    let huge = "x".repeat(70_000);
    let many: Map<String, Value> = (0..40_000).map(|i| (format!("x-{i}"), json!(""))).collect();
    for text in [
        "{}".to_owned(),
        "null".to_owned(),
        "[1]".to_owned(),
        r#"{"Records":[]}"#.to_owned(),
        json!({"requestContext": {"http": {"method": ""}}}).to_string(),
        json!({"requestContext": {"http": {"method": "G T"}}}).to_string(),
        json!({"requestContext": {"http": {"method": "GET"}}, "body": {}}).to_string(),
        json!({"requestContext": {"http": {"method": "GET"}}, "rawPath": huge}).to_string(),
        json!({"requestContext": {"http": {"method": "GET"}}, "headers": many}).to_string(),
        r#"{"requestContext":{"http":{"method":"GET"}},"body":"\ud800"}"#.to_owned(),
    ] {
        let (id, request) = read(&text, context());
        assert_eq!(request.unwrap_err().slug(), Slug::InvalidBody, "{text:.80}");
        assert_eq!(id, "lambda-1");
    }
}

#[test]
fn nulls_and_unknown_members_do_no_harm() {
    let text = json!({
        "version": "2.0", "rawPath": null, "rawQueryString": null, "headers": null,
        "pathParameters": null, "body": null, "isBase64Encoded": null, "cookies": 7,
        "requestContext": {"requestId": null, "authorizer": "x", "timeEpoch": "y",
            "http": {"method": "GET", "sourceIp": "not an address"}},
    });
    let request = read(&text.to_string(), context()).1.unwrap();
    assert_eq!(request.uri(), "/");
    assert!(request.headers().is_empty());
}

#[test]
fn the_request_id_is_the_gateways_if_it_can_be_one() {
    let id = |text: &str| read(&event().request_id(text).json(), context()).0;
    assert_eq!(id("JKJaXmPLvHcESHA="), "JKJaXmPLvHcESHA=");
    for bad in ["", "a b", "ü", "a\r\nset-cookie: x", &"x".repeat(129)] {
        assert_eq!(id(bad), "lambda-1", "{bad:?}");
    }
}

#[test]
fn bodies_are_decoded_and_a_bad_one_is_found_only_when_read() {
    let body = |text: &str| event().base64_body(text).request();
    assert_eq!(body("e30=").body().as_ref(), b"{}");
    assert_eq!(body("/w==").body().as_ref(), b"\xff");
    let bad = body("not base64");
    assert!(bad.extensions().get::<UndecodableBody>().is_some());
    assert!(bad.body().is_empty());
}

#[test]
fn an_unreadable_header_is_there_but_fits_no_rule() {
    let request = event().header("Idempotency-Key", "a\u{1}b").request();
    let value = request.headers()["idempotency-key"].to_str().unwrap();
    assert!(domain::IdempotencyKey::parse(value).is_none());
}
