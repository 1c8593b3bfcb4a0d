//! Bodies that are no JSON, or not the JSON that the operation takes.

use serde_json::Value;

use super::shapes::{repeated, spoiled};
use crate::support::{Answer, Sample, World};

/// The most bytes of a body.
const LIMIT: usize = 64 * 1024;

/// The operations that take a body.
fn with_body(world: &World) -> Vec<(Sample, Value)> {
    let samples = world.samples().into_iter();
    samples
        .filter_map(|sample| sample.body.clone().map(|body| (sample, body)))
        .collect()
}

async fn send(world: &World, sample: &Sample, kind: &str, body: impl Into<Vec<u8>>) -> Answer {
    let call = sample.call_without_body(&world.shop);
    call.body(kind, body.into()).send().await
}

/// That the sample was good but for what was done to it.
async fn succeeds(world: &World) {
    for sample in world.samples() {
        let answer = sample.call(&world.shop).send().await;
        assert_eq!(
            answer.status, sample.success,
            "{}: {}",
            sample.operation, answer.text
        );
    }
}

#[track_caller]
fn refused(sample: &Sample, answer: &Answer, sent: &str, status: u16, slug: &str) {
    let sent: String = sent.chars().take(200).collect();
    assert_eq!(
        answer.status, status,
        "{} took {sent}: {}",
        sample.operation, answer.text
    );
    let problem = answer.problem(status, slug);
    // What was sent may be a password, so it is not sent back.
    assert!(
        !problem["detail"]
            .as_str()
            .unwrap()
            .contains("correct horse"),
        "{problem}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_json_is_refused_and_changes_nothing() {
    let world = World::open().await;
    let before = world.shop.snapshot().await;
    for (sample, body) in with_body(&world) {
        let good = body.to_string();
        let deep = |open: &str, close: &str| format!("{}{}", open.repeat(9000), close.repeat(9000));
        let texts = [
            String::new(),
            " \n".into(),
            "{".into(),
            "}".into(),
            "nonsense".into(),
            "undefined".into(),
            "NaN".into(),
            "1e400".into(),
            "\"".into(),
            good[..good.len() - 1].into(),
            format!("{good}{good}"),
            format!("{good},"),
            format!("{good}\u{0}"),
            format!("\u{feff}{good}"),
            format!("// a comment\n{good}"),
            good.replacen('{', "{,", 1),
            good.replace('"', "'"),
            good.replace('}', ",}"),
            good.replacen(":\"", ":\"\n", 1)
                .replacen("\":", "\"\n:\u{1}", 1),
            format!("{},\"x\":\"\\ud800\"}}", &good[..good.len() - 1]),
            deep("[", "]"),
            deep("{\"a\":", "}"),
            "[".repeat(60_000),
            format!("{},\"x\":{}}}", &good[..good.len() - 1], deep("[", "]")),
        ];
        for text in texts {
            let answer = send(&world, &sample, "application/json", text.clone()).await;
            refused(&sample, &answer, &text, 400, "invalid-body");
        }
        let not_utf8: [&[u8]; 4] = [
            b"\xff\xfe{\0}\0",
            b"{\"a\":\"\xff\"}",
            b"\"\xc3\"",
            b"\xed\xa0\x80",
        ];
        for bytes in not_utf8 {
            let answer = send(&world, &sample, "application/json", bytes).await;
            refused(
                &sample,
                &answer,
                &String::from_utf8_lossy(bytes),
                400,
                "invalid-body",
            );
        }
        let inside = [
            &good.as_bytes()[..good.len() - 2],
            b"\xc3\x28",
            &good.as_bytes()[good.len() - 2..],
        ]
        .concat();
        let answer = send(&world, &sample, "application/json", inside).await;
        refused(&sample, &answer, &good, 400, "invalid-body");
    }
    world.shop.assert_unchanged(&before).await;
    succeeds(&world).await;
    world.shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_of_another_shape_is_refused_and_changes_nothing() {
    let world = World::open().await;
    let before = world.shop.snapshot().await;
    for (sample, body) in with_body(&world) {
        let spoiled = spoiled(&body).into_iter().map(|body| body.to_string());
        for text in spoiled.chain(repeated(&body)) {
            let answer = send(&world, &sample, "application/json", text.clone()).await;
            refused(&sample, &answer, &text, 400, "invalid-body");
        }
    }
    world.shop.assert_unchanged(&before).await;
    succeeds(&world).await;
    world.shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_of_another_media_type_is_refused_and_one_of_json_in_any_spelling_is_taken() {
    let world = World::open().await;
    let before = world.shop.snapshot().await;
    for (sample, body) in with_body(&world) {
        let good = body.to_string();
        for kind in [
            "",
            "text/plain",
            "text/json",
            "application/jsonx",
            "application/json-patch+json",
            "application/problem+json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/xml",
            "json",
            "*/*",
            "application/json, application/json",
            "charset=utf-8; application/json",
            "application/ json",
            "\"application/json\"",
        ] {
            let answer = send(&world, &sample, kind, good.clone()).await;
            refused(&sample, &answer, kind, 415, "unsupported-media-type");
        }
        let call = sample
            .call_without_body(&world.shop)
            .body("application/json", good.clone());
        let twice = call.header("content-type", "application/json").send().await;
        refused(&sample, &twice, "two types", 415, "unsupported-media-type");
        // No type at all, be there a body or none.
        let untyped = Sample {
            body: None,
            ..sample.clone()
        };
        let answer = untyped.call(&world.shop).send().await;
        refused(&sample, &answer, "no type", 415, "unsupported-media-type");
    }
    world.shop.assert_unchanged(&before).await;
    for kind in [
        "APPLICATION/JSON",
        "Application/Json; charset=UTF-8",
        "application/json;charset=utf-8;x=\"a;b\"",
        "application/json ; a=b",
        "application/json;",
    ] {
        for (sample, body) in with_body(&world) {
            let answer = send(&world, &sample, kind, body.to_string()).await;
            assert_eq!(answer.status, sample.success, "{kind}: {}", answer.text);
        }
    }
    world.shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_of_64_kib_is_taken_and_one_of_a_byte_more_is_not() {
    let world = World::open().await;
    let before = world.shop.snapshot().await;
    let padded = |body: &Value, length: usize| {
        let good = body.to_string();
        let space = " ".repeat(length - good.len());
        format!("{space}{good}")
    };
    for (sample, body) in with_body(&world) {
        for length in [LIMIT + 1, 2 * LIMIT, 1_000_000] {
            let answer = send(&world, &sample, "application/json", padded(&body, length)).await;
            refused(&sample, &answer, "too much", 413, "body-too-large");
        }
        // Bytes count, not characters.
        let wide = format!("\"{}\"", "ü".repeat(LIMIT / 2));
        let answer = send(&world, &sample, "application/json", wide).await;
        refused(&sample, &answer, "too many bytes", 413, "body-too-large");
    }
    world.shop.assert_unchanged(&before).await;
    for (sample, body) in with_body(&world) {
        let answer = send(&world, &sample, "application/json", padded(&body, LIMIT)).await;
        assert_eq!(answer.status, sample.success, "{}", answer.text);
    }
    world.shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_nobody_asked_for_plays_no_part() {
    let world = World::open().await;
    for sample in world
        .samples()
        .into_iter()
        .filter(|sample| sample.body.is_none())
    {
        for (kind, body) in [
            ("application/json", "{\"status\":\"paid\""),
            ("text/plain", "\u{0}"),
            ("x/y", "x"),
        ] {
            let answer = send(&world, &sample, kind, body).await;
            assert_eq!(
                answer.status, sample.success,
                "{}: {}",
                sample.operation, answer.text
            );
        }
    }
    world.shop.close().await;
}
