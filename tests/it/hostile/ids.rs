//! Path ids that can be none: each is answered as one that nobody knows.

use serde_json::json;

use crate::support::{Answer, Sample, World};

/// As they are, not as a URL writes them.
fn bad_ids() -> Vec<String> {
    let mut ids: Vec<String> = [
        "MUG",
        "mug ",
        " mug",
        "m ug",
        "mug\u{0}",
        "mug\n",
        "müg",
        "mug#0",
        "mug#PRODUCT",
        "PRODUCT#mug",
        "STOCK#mug#0",
        "..",
        "../../users/me",
        "mug/stock/..",
        "*",
        "%",
        "%00",
        "%2e%2e",
        "'",
        "\"",
        "{product_id}",
        "prd_",
        "prd_MUG",
        "ord_",
        "ord_aaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "ORD_aaaaaaaaaaaaaaaaaaaaaaaaaa",
        "ord_11111111111111111111111111",
        "usr_aaaaaaaaaaaaaaaaaaaaaaaaaa",
        "\u{202e}gum",
        "\u{1f4a5}",
        "mug;x=1",
        "mug\\",
        "~",
        "true; DROP TABLE",
    ]
    .map(str::to_owned)
    .into();
    ids.push("a".repeat(65));
    ids.push("a".repeat(5_000));
    ids.push("ü".repeat(1_000));
    ids
}

/// Every byte that is no letter, digit or hyphen, percent-encoded.
fn encoded(id: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    id.bytes().map(byte).collect()
}

/// The sample with another id in its path.
fn with_id(sample: &Sample, id: &str) -> Sample {
    let mut sample = sample.clone();
    for value in sample.parameters.values_mut() {
        *value = id.to_owned();
    }
    sample
}

fn with_ids(world: &World) -> impl Iterator<Item = Sample> {
    let samples = world.samples().into_iter();
    samples.filter(|sample| !sample.parameters.is_empty())
}

async fn as_event(world: &World, sample: &Sample) -> Answer {
    let answer = world
        .shop
        .lambda
        .invoke(&sample.operation, sample.event())
        .await;
    Answer::of_function(&answer.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_that_can_be_none_is_answered_as_an_unknown_one() {
    let world = World::open().await;
    let before = world.shop.snapshot().await;
    for sample in with_ids(&world) {
        let is_order = sample.parameters.contains_key("order_id");
        if sample.operation == "remove-cart-item" {
            // What can be no product's id is not in the cart, and so out of it.
            for id in bad_ids() {
                let answer = as_event(&world, &with_id(&sample, &id)).await;
                assert_eq!(answer.expect(200)["items"], serde_json::json!([]), "{id:?}");
            }
            continue;
        }
        // Put-product makes what is unknown; what can't be made it calls invalid.
        let expected = match (sample.operation.as_str(), is_order) {
            ("put-product", _) => (422, "invalid-product"),
            (_, true) => (404, "order-not-found"),
            (_, false) => (404, "product-not-found"),
        };
        let unknown = if is_order {
            "ord_aaaaaaaaaaaaaaaaaaaaaaaaaa"
        } else {
            "unknown"
        };
        let unknown = match expected.0 {
            422 => with_id(&sample, "UNKNOWN"),
            _ => with_id(&sample, unknown),
        };
        let unknown = unknown.call(&world.shop).send().await;
        unknown.problem(expected.0, expected.1);
        for id in bad_ids() {
            let mut answers = vec![as_event(&world, &with_id(&sample, &id)).await];
            // A client resolves dots before it sends anything.
            if id != ".." {
                let sample = with_id(&sample, &encoded(&id));
                answers.push(sample.call(&world.shop).send().await);
            }
            for answer in answers {
                let id: String = id.chars().take(40).collect();
                assert_eq!(
                    answer.status, expected.0,
                    "{} {id:?}: {}",
                    sample.operation, answer.text
                );
                answer.problem(expected.0, expected.1);
                assert_eq!(
                    answer.without_instance(),
                    unknown.without_instance(),
                    "{id:?}"
                );
            }
        }
        // Not UTF-8, which no text in an event can be.
        let answer = with_id(&sample, "mug%FF").call(&world.shop).send().await;
        answer.problem(expected.0, expected.1);
        let mut event = sample.event();
        event["pathParameters"] = json!(null);
        let answer = world
            .shop
            .lambda
            .invoke(&sample.operation, event)
            .await
            .unwrap();
        Answer::of_function(&answer).problem(expected.0, expected.1);
    }
    world.shop.assert_unchanged(&before).await;
    world.shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_is_checked_after_the_session_so_that_it_tells_nobody_anything() {
    let world = World::open().await;
    for sample in with_ids(&world).filter(|sample| sample.token.is_some()) {
        for id in ["unknown", "MUG", "ord_aaaaaaaaaaaaaaaaaaaaaaaaaa"] {
            let anonymous = Sample {
                token: None,
                ..with_id(&sample, id)
            };
            anonymous
                .call(&world.shop)
                .send()
                .await
                .problem(401, "unauthenticated");
        }
    }
    world.shop.close().await;
}
