//! `adjust-stock`.

use serde_json::{Value, json};

use crate::support::{Call, Caller, TestShop, key};

fn adjust(shop: &TestShop, caller: &Caller, product: &str, key: &str) -> Call {
    let path = format!("/products/{product}/stock-adjustments");
    shop.post(&path).bearer(&caller.token).key(key)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pieces_come_in_and_leave_for_every_reason() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 0).await;
    let staff = shop.staff();
    let mut available = 0;
    for (delta, reason, note) in [
        (10, "received", Some("Pallet 7\nof 9")),
        (-1, "damaged", None),
        (-2, "lost", Some("ö".repeat(500).as_str())),
        (3, "found", None),
        (-4, "correction", None),
        (1_000_000_000, "correction", None),
        (-1_000_000_000, "correction", None),
    ] {
        available += delta;
        let mut body = json!({"delta": delta, "reason": reason});
        if let Some(note) = note {
            body["note"] = json!(note);
        }
        let answer = adjust(&shop, &staff, "mug", &key())
            .json(&body)
            .send()
            .await;
        let expected = json!({
            "product_id": "mug", "delta": delta, "reason": reason, "note": note, "available": available,
        });
        assert_eq!(answer.expect(201), expected);
        assert!(!answer.is_replayed());
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let stock = shop.stock("mug").await;
    assert_eq!(
        (&stock["available"], &stock["received"], &stock["taken"]),
        (&json!(6), &json!(6), &json!(0))
    );
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_is_answered_byte_for_byte_and_adjusts_nothing() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 5).await;
    let staff = shop.staff();
    let body = json!({"delta": -3, "reason": "damaged", "note": "Broken \"handle\" ü"});
    let first = adjust(&shop, &staff, "mug", "k").json(&body).send().await;
    assert_eq!(first.expect(201)["available"], 2);
    shop.receive("mug", 10).await;
    let spaced = "{ \"note\" :\t\"Broken \\\"handle\\\" \\u00fc\",\n\"reason\": \"damaged\", \"delta\": -3 }";
    for text in [body.to_string(), spaced.to_owned()] {
        let again = adjust(&shop, &staff, "mug", "k").body("application/json", text);
        let again = again.send().await;
        assert_eq!(
            (again.status, again.is_replayed(), &again.text),
            (201, true, &first.text)
        );
    }
    assert_eq!(shop.stock("mug").await["available"], 12);

    // A repeat is answered whatever is left by now, and an absent note is a null one.
    let all = json!({"delta": -12, "reason": "lost"});
    let first = adjust(&shop, &staff, "mug", "all").json(&all).send().await;
    first.expect(201);
    let nulled = json!({"delta": -12, "reason": "lost", "note": null});
    let again = adjust(&shop, &staff, "mug", "all")
        .json(&nulled)
        .send()
        .await;
    assert_eq!(
        (again.status, again.is_replayed(), again.text),
        (201, true, first.text)
    );
    assert_eq!(shop.stock("mug").await["available"], 0);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_means_one_adjustment_of_one_product_by_one_caller() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 0).await;
    shop.product("cup", 900, 0).await;
    let (sue, tom) = (shop.staff(), shop.staff());
    let body = json!({"delta": 5, "reason": "received", "note": "first"});
    adjust(&shop, &sue, "mug", "k")
        .json(&body)
        .send()
        .await
        .expect(201);
    let before = shop.snapshot().await;
    for other in [
        json!({"delta": 6, "reason": "received", "note": "first"}),
        json!({"delta": 5, "reason": "found", "note": "first"}),
        json!({"delta": 5, "reason": "received", "note": "First"}),
        json!({"delta": 5, "reason": "received"}),
        json!({"delta": -9, "reason": "lost"}),
    ] {
        let reused = adjust(&shop, &sue, "mug", "k").json(&other).send().await;
        reused.problem(422, "idempotency-key-reused");
    }
    shop.assert_unchanged(&before).await;
    for (caller, product) in [(&sue, "cup"), (&tom, "mug"), (&tom, "cup")] {
        let answer = adjust(&shop, caller, product, "k").json(&body).send().await;
        answer.expect(201);
        assert!(!answer.is_replayed());
    }
    // Nor is it the key of an order, even of the same product.
    let buyer = shop.customer();
    shop.order(&buyer, "k", &[("mug", 1)])
        .send()
        .await
        .expect(201);
    let levels = (
        shop.stock("mug").await["available"].clone(),
        shop.stock("cup").await["available"].clone(),
    );
    assert_eq!(levels, (json!(9), json!(10)));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_leaves_than_is_there_and_a_refused_key_may_succeed_later() {
    let shop = TestShop::open().await;
    let staff = shop.staff();
    for buckets in [1, 4] {
        let product = format!("in-{buckets}");
        shop.product_in_buckets(&product, 100, 7, buckets).await;
        let buyer = shop.customer();
        shop.order(&buyer, &key(), &[(&product, 2)])
            .send()
            .await
            .expect(201);
        let before = shop.snapshot().await;
        for delta in [-6, -7, -1_000_000_000] {
            let body = json!({"delta": delta, "reason": "lost"});
            let answer = adjust(&shop, &staff, &product, &format!("k{delta}"))
                .json(&body)
                .send()
                .await;
            assert_eq!(answer.problem(409, "insufficient-stock")["available"], 5);
        }
        shop.assert_unchanged(&before).await;
        shop.receive(&product, 1).await;
        let body = json!({"delta": -6, "reason": "lost"});
        let answer = adjust(&shop, &staff, &product, "k-6")
            .json(&body)
            .send()
            .await;
        assert_eq!(answer.expect(201)["available"], 0);
        let stock = shop.stock(&product).await;
        assert_eq!(
            (&stock["available"], &stock["taken"], &stock["received"]),
            (&json!(0), &json!(2), &json!(2))
        );
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_adjustment_of_nothing_or_beyond_bounds_or_for_no_known_reason_is_refused() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 5).await;
    let staff = shop.staff();
    let before = shop.snapshot().await;
    let long = "n".repeat(501);
    for body in [
        json!({"delta": 0, "reason": "received"}),
        json!({"delta": 1_000_000_001, "reason": "received"}),
        json!({"delta": -1_000_000_001, "reason": "lost"}),
        json!({"delta": i64::MAX, "reason": "received"}),
        json!({"delta": i64::MIN, "reason": "lost"}),
        json!({"delta": u64::MAX, "reason": "received"}),
        json!({"delta": 1.0, "reason": "received"}),
        json!({"delta": "1", "reason": "received"}),
        json!({"delta": 1, "reason": "Received"}),
        json!({"delta": 1, "reason": "stolen"}),
        json!({"delta": 1, "reason": ""}),
        json!({"delta": 1, "reason": {"received": null}}),
        json!({"delta": 1, "reason": "received", "note": ""}),
        json!({"delta": 1, "reason": "received", "note": " "}),
        json!({"delta": 1, "reason": "received", "note": "a\u{7}"}),
        json!({"delta": 1, "reason": "received", "note": long}),
    ] {
        let answer = adjust(&shop, &staff, "mug", &key())
            .json(&body)
            .send()
            .await;
        answer.problem(400, "invalid-body");
    }
    let body = json!({"delta": 1, "reason": "received"});
    let unknown = adjust(&shop, &staff, "cup", &key())
        .json(&body)
        .send()
        .await;
    unknown.problem(404, "product-not-found");
    shop.assert_unchanged(&before).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_adjustment_sent_many_times_at_once_happens_once() {
    let shop = TestShop::open().await;
    let staff = shop.staff();
    for buckets in [1, 3] {
        let product = format!("in-{buckets}");
        shop.product_in_buckets(&product, 100, 0, buckets).await;
        let body = json!({"delta": 7, "reason": "received"});
        let send = async || {
            adjust(&shop, &staff, &product, "k")
                .json(&body)
                .send()
                .await
        };
        let mut answers = Vec::new();
        let (a, b, c, d, e, f) = tokio::join!(send(), send(), send(), send(), send(), send());
        answers.extend([a, b, c, d, e, f]);
        // Whoever met too much contention repeats, as a client does.
        for answer in &mut answers {
            while answer.status == 503 {
                *answer = send().await;
            }
        }
        let texts: Vec<&str> = answers.iter().map(|answer| answer.text.as_str()).collect();
        assert!(
            answers.iter().all(|answer| answer.status == 201),
            "{texts:?}"
        );
        assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
        assert!(send().await.is_replayed());
        let stock: Value = shop.stock(&product).await;
        assert_eq!(
            (&stock["available"], &stock["received"]),
            (&json!(7), &json!(7))
        );
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removals_at_the_same_time_never_take_more_than_is_there() {
    let shop = TestShop::open().await;
    shop.product_in_buckets("mug", 100, 5, 2).await;
    let staff = shop.staff();
    let body = json!({"delta": -2, "reason": "damaged"});
    let remove = async || {
        let key = key();
        loop {
            let answer = adjust(&shop, &staff, "mug", &key).json(&body).send().await;
            if answer.status != 503 {
                return answer.status;
            }
        }
    };
    let (a, b, c, d) = tokio::join!(remove(), remove(), remove(), remove());
    let mut statuses = [a, b, c, d];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 409, 409]);
    assert_eq!(shop.stock("mug").await["available"], 1);
    shop.close().await;
}
