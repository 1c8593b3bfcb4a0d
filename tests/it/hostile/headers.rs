//! Headers with which clients try to be somebody or somewhere else, or to break what reads them.

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::cases_for;
use crate::support::{Answer, World};

/// Names and values that no operation may trust or stumble over.
fn hostile() -> Vec<(&'static str, Vec<u8>)> {
    let long = vec![b'a'; 8_000];
    let cases: [(&str, &[u8]); 26] = [
        ("host", b"evil.example.com"),
        ("host", b"not a host%%"),
        ("host", b"[::1"),
        ("host", b"a:b:c"),
        ("host", b"\xff\xfe"),
        ("host", b"user@host/path?x#y"),
        ("x-forwarded-proto", b"javascript"),
        ("x-forwarded-proto", b"http, https"),
        ("x-forwarded-proto", b"://"),
        ("x-forwarded-proto", b"\xff"),
        ("x-forwarded-proto", b""),
        ("x-forwarded-for", b"127.0.0.1, ::1, nonsense"),
        ("x-forwarded-for", b"'; DROP TABLE users; --"),
        ("x-forwarded-for", b"\xff\xff"),
        ("x-forwarded-port", b"-1"),
        ("x-forwarded-host", b"evil example com"),
        ("forwarded", b"for=\"_x\";proto=;host=\""),
        ("x-amzn-trace-id", b"Root=1-;Sampled=\xff"),
        (
            "x-amzn-request-context",
            b"{\"authorizer\":{\"role\":\"staff\"}}",
        ),
        ("x-request-id", b"chosen-by-client"),
        ("cookie", b"a=\xff; =; b"),
        ("accept", b"application/xml;q=nonsense"),
        ("transfer-coding", b"\xff"),
        ("x-http-method-override", b"DELETE"),
        ("role", b"staff"),
        ("x-long", &long),
    ];
    cases.map(|(name, value)| (name, value.to_vec())).into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_of_no_meaning_change_no_answer() {
    let world = World::open().await;
    for operation in world.samples() {
        for (name, value) in cases_for(&operation.operation, hostile()) {
            let sample = world.sample(&operation.operation);
            let call = sample.call(&world.shop).header_bytes(name, &value);
            let answer = call.send().await;
            let value = String::from_utf8_lossy(&value[..value.len().min(40)]);
            assert_eq!(
                answer.status, sample.success,
                "{} {name}: {value}: {}",
                sample.operation, answer.text
            );
            assert_ne!(answer.header("x-request-id"), "chosen-by-client");
        }
        let sample = world.sample(&operation.operation);
        let mut call = sample.call(&world.shop);
        for number in 0..40 {
            call = call
                .header(&format!("x-{number}"), "x")
                .header("x-again", "x");
        }
        let answer = call.send().await;
        assert_eq!(
            answer.status, sample.success,
            "{}: {}",
            sample.operation, answer.text
        );
    }
    world.shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_of_no_meaning_change_no_answer_when_a_gateway_hands_them_over() {
    let world = World::open().await;
    let names = [
        "host",
        "x-forwarded-proto",
        "x-forwarded-for",
        "x-forwarded-port",
        "user-agent",
        "x-other",
        "bad name",
        "",
        "é",
    ];
    let values = [
        json!("a b"),
        json!("\u{0}"),
        json!("a\r\nb: c"),
        json!("é\u{1f4a5}"),
        json!(null),
        json!(7),
        json!(["a", "b"]),
        json!({"a": "b"}),
    ];
    for operation in world.samples() {
        let cases = names.map(|name| values.iter().map(move |value| (name, value)));
        let cases: Vec<_> = cases.into_iter().flatten().collect();
        for (name, value) in cases_for(&operation.operation, cases) {
            let sample = world.sample(&operation.operation);
            let mut event = sample.event();
            event["headers"][name] = value.clone();
            event["requestContext"]["domainName"] = value.clone();
            event["requestContext"]["http"]["sourceIp"] = json!("not an address");
            let answer = world
                .shop
                .lambda
                .invoke(&sample.operation, event)
                .await
                .unwrap();
            let answer = Answer::of_function(&answer);
            assert_eq!(
                answer.status, sample.success,
                "{} {name}: {value}: {}",
                sample.operation, answer.text
            );
        }
    }
    world.shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_authorization_that_can_not_be_read_is_a_bad_one_and_not_a_missing_one() {
    let world = World::open().await;
    let before = world.shop.snapshot().await;
    for (operation, route) in world.routes() {
        if !route.looks_at_sessions() {
            continue;
        }
        let sample = world.sample(&operation);
        for value in ["Bearer \u{0}", "Bearer é", "\n", "Bearer a\r\nx: y", ""] {
            let mut event = sample.event();
            event["headers"]["authorization"] = json!(value);
            let answer = world
                .shop
                .lambda
                .invoke(&sample.operation, event)
                .await
                .unwrap();
            Answer::of_function(&answer).problem(401, "unauthenticated");
        }
        let mut bare = sample.clone();
        bare.token = None;
        let call = bare
            .call(&world.shop)
            .header_bytes("authorization", b"Bearer \xff");
        call.send().await.problem(401, "unauthenticated");
    }
    world.shop.assert_unchanged(&before).await;
    world.shop.close().await;
}

/// The status line and body that the front answers to these bytes.
async fn raw(world: &World, request: &[u8]) -> String {
    let url = world.shop.lambda.url();
    let mut stream = TcpStream::connect(url.trim_start_matches("http://"))
        .await
        .unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_no_client_library_would_send_are_answered_too() {
    let world = World::open().await;
    let get = |target: &str, headers: &str| {
        format!("GET {target} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n")
    };
    for (request, expected) in [
        (get("/products/mug", "Host: \r\n"), "200"),
        (get("/products/mug", "Host: a b c\r\n"), "200"),
        (
            get(
                "/products/mug",
                "Host: \"><script>\r\nX-Forwarded-Proto: , ,\r\n",
            ),
            "200",
        ),
        (get("/products?query=%zz%", "Host: x\r\n"), "200"),
        (get("/products/%zz", "Host: x\r\n"), "404"),
    ] {
        let answer = raw(&world, request.as_bytes()).await;
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert_eq!(status, expected, "{request}{answer}");
        let body = answer.split("\r\n\r\n").nth(1).unwrap();
        assert!(
            serde_json::from_str::<Value>(body).is_ok(),
            "{request}{answer}"
        );
    }
    world.shop.close().await;
}
