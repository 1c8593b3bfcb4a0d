//! Idempotency-Keys that are missing or can be none, and keys where none is asked for.

use crate::support::{Sample, World};

fn keyed(world: &World) -> Vec<Sample> {
    let samples = world.samples().into_iter();
    samples.filter(|sample| sample.key.is_some()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_or_impossible_key_is_refused_and_changes_nothing() {
    let world = World::open().await;
    let before = world.shop.snapshot().await;
    let long = vec![b'k'; 256];
    let keys: [&[u8]; 11] = [
        b"",
        b" ",
        b"a b",
        b"a\tb",
        b"key\xff",
        "schlüssel".as_bytes(),
        b"\x80",
        &long,
        "\u{1f511}".as_bytes(),
        b"a\xa0b",
        b"a\xc2\xa0b",
    ];
    let samples = keyed(&world);
    assert!(!samples.is_empty());
    for sample in &samples {
        let keyless = Sample {
            key: None,
            ..sample.clone()
        };
        let answer = keyless.call(&world.shop).send().await;
        answer.problem(400, "idempotency-key-missing");
        for key in keys {
            let call = keyless
                .call(&world.shop)
                .header_bytes("idempotency-key", key);
            let answer = call.send().await;
            assert_eq!(
                answer.status, 400,
                "{} {key:?}: {}",
                sample.operation, answer.text
            );
            answer.problem(400, "invalid-idempotency-key");
        }
        // A control character, which HTTP forbids but an event may hold.
        for key in ["a\u{0}b", "a\nb", "\u{7f}", "a\r\nx: y"] {
            let mut event = sample.event();
            event["headers"]["idempotency-key"] = key.into();
            let answer = world
                .shop
                .lambda
                .invoke(&sample.operation, event)
                .await
                .unwrap();
            let answer = crate::support::Answer::of_function(&answer);
            answer.problem(400, "invalid-idempotency-key");
        }
    }
    world.shop.assert_unchanged(&before).await;
    world.shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_visible_character_is_good_in_a_key_and_letter_case_counts() {
    let world = World::open().await;
    let visible: String = ('!'..='~').collect();
    let longest = "k".repeat(255);
    for operation in ["adjust-stock", "buy-product", "place-order"] {
        let mut sample = world.sample(operation);
        if operation == "place-order" {
            // Who bought under these keys may not place orders under them.
            sample.token = Some(world.stranger.token.clone());
        }
        for key in [visible.as_str(), &longest, "k", "K"] {
            sample.key = Some(key.to_owned());
            let first = sample.call(&world.shop).send().await;
            first.expect(sample.success);
            assert!(!first.is_replayed(), "{operation} {key}");
            let again = sample.call(&world.shop).send().await;
            assert_eq!(
                (again.is_replayed(), again.text),
                (true, first.text),
                "{key}"
            );
        }
    }
    world.shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_key_is_asked_for_none_plays_a_part() {
    let world = World::open().await;
    for sample in world.samples() {
        if sample.key.is_some() {
            continue;
        }
        for key in ["", "k", "a b"] {
            let sample = world.sample(&sample.operation);
            let answer = sample.call(&world.shop).key(key).send().await;
            assert_eq!(
                answer.status, sample.success,
                "{}: {}",
                sample.operation, answer.text
            );
            assert!(!answer.is_replayed());
        }
    }
    world.shop.close().await;
}
