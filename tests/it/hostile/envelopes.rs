//! Events that no client of ours makes, as API Gateway would hand them over: bodies in base64, and what is no event.

use serde_json::{Value, json};

use crate::support::{Answer, World};

/// RFC 4648, for a test alone.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk
            .iter()
            .fold(0, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let index = (bits >> (18 - 6 * place)) as usize & 63;
            let sign = if place <= chunk.len() {
                ALPHABET[index]
            } else {
                b'='
            };
            text.push(char::from(sign));
        }
    }
    text
}

async fn invoke(world: &World, operation: &str, event: Value) -> Answer {
    Answer::of_function(&world.shop.lambda.invoke(operation, event).await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_in_base64_is_read_and_one_that_only_claims_it_is_refused() {
    let world = World::open().await;
    let before = world.shop.snapshot().await;
    let samples = world
        .samples()
        .into_iter()
        .filter(|sample| sample.body.is_some());
    let samples: Vec<_> = samples.collect();
    for sample in &samples {
        let good = sample.body.as_ref().unwrap().to_string();
        for (text, what) in [
            (good.clone(), "plain JSON"),
            (
                base64(good.as_bytes()).replace('=', "") + "*",
                "a sign of no alphabet",
            ),
            (
                base64(&[0xff, 0xfe, b'{', b'}']),
                "bytes that are not UTF-8",
            ),
            (base64(b"{"), "half an object"),
            (
                base64(base64(good.as_bytes()).as_bytes()),
                "base64 of base64",
            ),
        ] {
            let mut event = sample.event();
            event["body"] = json!(text);
            event["isBase64Encoded"] = json!(true);
            let answer = invoke(&world, &sample.operation, event).await;
            assert_eq!(
                answer.status, 400,
                "{} took {what}: {}",
                sample.operation, answer.text
            );
            answer.problem(400, "invalid-body");
        }
        let mut event = sample.event();
        event["body"] = json!(base64(" ".repeat(64 * 1024 + 1).as_bytes()));
        event["isBase64Encoded"] = json!(true);
        invoke(&world, &sample.operation, event)
            .await
            .problem(413, "body-too-large");
    }
    world.shop.assert_unchanged(&before).await;
    for sample in &samples {
        let mut event = sample.event();
        event["body"] = json!(base64(sample.body.as_ref().unwrap().to_string().as_bytes()));
        event["isBase64Encoded"] = json!(true);
        let answer = invoke(&world, &sample.operation, event).await;
        assert_eq!(answer.status, sample.success, "{}", answer.text);
    }
    world.shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_event_of_an_http_api_is_answered_with_a_400() {
    let world = World::open().await;
    let before = world.shop.snapshot().await;
    for sample in world.samples() {
        let whole = sample.event();
        let broken = |change: &dyn Fn(&mut Value)| {
            let mut event = whole.clone();
            change(&mut event);
            event
        };
        for event in [
            json!({}),
            json!(null),
            json!([]),
            json!("GET /products"),
            json!({"Records": []}),
            json!({"httpMethod": "GET", "path": "/products", "requestContext": {}}),
            broken(&|event| event["requestContext"] = json!(null)),
            broken(&|event| event["requestContext"]["http"] = json!({})),
            broken(&|event| event["requestContext"]["http"]["method"] = json!("GE T")),
            broken(&|event| event["pathParameters"] = json!({"product_id": 7, "order_id": 7})),
            broken(&|event| event["body"] = json!({"delta": 1})),
        ] {
            let answer = invoke(&world, &sample.operation, event).await;
            let slug = answer.problem(400, "invalid-body")["type"].clone();
            assert_eq!(slug, "/problems/invalid-body");
        }
    }
    world.shop.assert_unchanged(&before).await;
    world.shop.close().await;
}
