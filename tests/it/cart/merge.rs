//! `merge-cart`.

use domain::{Role, Timestamp};
use serde_json::{Value, json};

use crate::support::{Answer, TestShop, contents, key, now, usd};

/// The cart in a merge's answer, without what was adjusted.
fn cart_in(merged: &Value) -> Value {
    let mut cart = merged.clone();
    cart.as_object_mut().unwrap().remove("adjusted");
    cart
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quantities_are_added_up_to_ninety_nine_and_the_same_again_changes_nothing() {
    let shop = TestShop::open().await;
    for (id, price) in [("cup", 300), ("hat", 20), ("mug", 100), ("pen", 5)] {
        shop.product(id, price, 0).await;
    }
    let (ann, guest) = (shop.customer(), shop.guest());
    shop.fill(&ann, &[("hat", 60), ("mug", 2)]).await;
    shop.fill(&guest, &[("mug", 3), ("cup", 1), ("hat", 40), ("pen", 99)])
        .await;
    let merged = shop.merge(&ann, &guest.token).send().await;
    let line = |id: &str, quantity: i64, price: i64| {
        json!({
            "product_id": id, "title": format!("The {id}"), "quantity": quantity,
            "unit_price": usd(price), "line_total": usd(price * quantity),
        })
    };
    let expected = json!({
        "items": [line("hat", 99, 20), line("mug", 5, 100), line("cup", 1, 300), line("pen", 99, 5)],
        "total": usd(99 * 20 + 500 + 300 + 99 * 5),
        "version": 3,
        "adjusted": [{"product_id": "hat", "wanted": 100, "kept": 99, "reason": "max-quantity"}],
    });
    assert_eq!(merged.expect(200), expected);
    assert_eq!(merged.header("cache-control"), "no-store");
    assert_eq!(merged.header("content-type"), "application/json");
    assert_eq!(shop.cart(&ann).await, cart_in(&expected));

    let before = shop.snapshot().await;
    for _ in 0..2 {
        let again = shop.merge(&ann, &guest.token).send().await;
        assert_eq!((again.status, &again.text), (200, &merged.text));
    }
    shop.assert_unchanged(&before).await;

    // What became of the cart since stays; what did not fit then is told as it was.
    shop.take_out(&ann, "hat").send().await.expect(200);
    let before = shop.snapshot().await;
    let again = shop.merge(&ann, &guest.token).send().await.expect(200);
    assert_eq!(cart_in(&again), shop.cart(&ann).await);
    assert_eq!(contents(&again).len(), 3);
    assert_eq!(again["adjusted"], expected["adjusted"]);
    shop.assert_unchanged(&before).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cart_has_fifty_products_at_most_and_the_rest_is_named() {
    let shop = TestShop::open().await;
    let ids: Vec<String> = (0..52).map(|n| format!("thing-{n:02}")).collect();
    for id in &ids {
        shop.product(id, 100, 0).await;
    }
    let (ann, guest) = (shop.customer(), shop.guest());
    for id in &ids[..49] {
        shop.put_in(&ann, id, 1).send().await.expect(200);
    }
    shop.fill(
        &guest,
        &[
            ("thing-49", 4),
            ("thing-00", 2),
            ("thing-50", 5),
            ("thing-51", 6),
        ],
    )
    .await;
    let merged = shop.merge(&ann, &guest.token).send().await.expect(200);
    let adjusted = json!([
        {"product_id": "thing-50", "wanted": 5, "kept": 0, "reason": "cart-full"},
        {"product_id": "thing-51", "wanted": 6, "kept": 0, "reason": "cart-full"},
    ]);
    assert_eq!(merged["adjusted"], adjusted);
    let mut expected: Vec<(String, i64)> = ids[..49].iter().map(|id| (id.clone(), 1)).collect();
    expected[0].1 = 3;
    expected.push(("thing-49".into(), 4));
    assert_eq!(contents(&merged), expected);
    assert_eq!(shop.cart(&ann).await, cart_in(&merged));
    shop.put_in(&ann, "thing-50", 1)
        .send()
        .await
        .problem(422, "cart-full");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_whose_cart_was_merged_is_a_guest_no_more() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 5).await;
    let (ann, bob) = (shop.customer(), shop.customer());
    let (filled, idle) = (shop.guest(), shop.guest());
    shop.fill(&filled, &[("mug", 1)]).await;
    for guest in [&filled, &idle] {
        shop.merge(&ann, &guest.token).send().await.expect(200);
        let before = shop.snapshot().await;
        for call in [
            shop.get("/cart").bearer(&guest.token),
            shop.put_in(guest, "mug", 1),
            shop.take_out(guest, "mug"),
        ] {
            let refused = call.send().await;
            refused.problem(401, "unauthenticated");
            assert_eq!(refused.header("www-authenticate"), "Bearer");
        }
        let stolen = shop.merge(&bob, &guest.token).send().await;
        stolen.problem(422, "invalid-guest-token");
        shop.assert_unchanged(&before).await;
    }
    assert_eq!(contents(&shop.cart(&ann).await), [("mug".into(), 1)]);
    assert_eq!(contents(&shop.cart(&bob).await), []);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_token_that_is_no_guests_of_now_is_refused_alike() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 5).await;
    let (ann, bob) = (shop.customer(), shop.customer());
    let (gone, old) = (shop.guest(), shop.guest());
    for guest in [&gone, &old] {
        shop.fill(guest, &[("mug", 1)]).await;
    }
    shop.fill(&bob, &[("mug", 1)]).await;
    shop.log_out(&gone.token).send().await.expect(204);
    let month = 30 * 24 * 3600 * 1000;
    let signed = |age: i64| Timestamp::from_millis(now().as_millis() - age);
    let expired = shop.token_at(&old, Role::Guest, signed(month + 60_000));
    let (head, rest) = old.token.split_once('.').unwrap();
    let before = shop.snapshot().await;
    let mut refused: Vec<Answer> = Vec::new();
    for token in [
        String::new(),
        "garbage".into(),
        "a.b.c".into(),
        old.token.replace('.', ""),
        format!("{head}.{}", rest.replacen('.', ".A", 1)),
        "x".repeat(20_000),
        bob.token.clone(),
        ann.token.clone(),
        shop.staff().token,
        gone.token.clone(),
        expired,
        shop.token(Role::Guest, "another-shop", now()),
    ] {
        let answer = shop.merge(&ann, &token).send().await;
        answer.problem(422, "invalid-guest-token");
        refused.push(answer);
    }
    for answer in &refused {
        assert_eq!(answer.without_instance(), refused[0].without_instance());
    }
    for body in [
        json!({}),
        json!({"guest_token": 1}),
        json!({"guest_token": null}),
    ] {
        let call = shop.post("/cart/merge").bearer(&ann.token).json(&body);
        call.send().await.problem(400, "invalid-body");
    }
    shop.assert_unchanged(&before).await;

    // The same guest's token is good while it is young.
    let young = shop.token_at(&old, Role::Guest, signed(month - 60_000));
    let merged = shop.merge(&ann, &young).send().await.expect(200);
    assert_eq!(contents(&merged), [("mug".into(), 1)]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_customers_take_carts_over() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 5).await;
    let (guest, other) = (shop.guest(), shop.guest());
    shop.fill(&guest, &[("mug", 1)]).await;
    let before = shop.snapshot().await;
    for who in [shop.staff(), other, guest.clone()] {
        let refused = shop.merge(&who, &guest.token).send().await;
        refused.problem(403, "forbidden");
    }
    shop.assert_unchanged(&before).await;
    assert_eq!(contents(&shop.cart(&guest).await).len(), 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guests_cart_goes_into_a_cart_that_is_empty_placed_or_emptied() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 9).await;
    shop.product("pen", 100, 9).await;
    let customers = [shop.customer(), shop.customer(), shop.customer()];
    let [_, placed, emptied] = &customers;
    let version = shop.fill(placed, &[("pen", 1)]).await;
    let order = shop.order_cart(placed, &key(), version).send().await;
    let order = order.expect(201);
    shop.fill(emptied, &[("pen", 1)]).await;
    shop.take_out(emptied, "pen").send().await.expect(200);
    for (customer, version) in customers.iter().zip([1, 2, 3]) {
        let guest = shop.guest();
        shop.fill(&guest, &[("mug", 1), ("mug", 2)]).await;
        let merged = shop.merge(customer, &guest.token).send().await;
        let merged = merged.expect(200);
        // A line that was ordered does not come back.
        assert_eq!(contents(&merged), [("mug".into(), 2)]);
        assert_eq!(
            (&merged["version"], &merged["adjusted"]),
            (&json!(version), &json!([]))
        );
        assert_eq!(shop.cart(customer).await, cart_in(&merged));
    }
    let late = shop.order_cart(placed, &key(), version).send().await;
    assert_eq!(late.problem(409, "cart-changed")["order_id"], order["id"]);
    let next = shop.order_cart(placed, &key(), version + 1).send().await;
    assert_eq!(contents(&next.expect(201)), [("mug".into(), 2)]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_without_anything_leaves_the_cart_as_it_is() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 9).await;
    let (ann, bob) = (shop.customer(), shop.customer());
    shop.fill(&ann, &[("mug", 2)]).await;
    let (idle, emptied) = (shop.guest(), shop.guest());
    shop.fill(&emptied, &[("mug", 1)]).await;
    shop.take_out(&emptied, "mug").send().await.expect(200);
    for guest in [&idle, &emptied] {
        let mut expected = shop.cart(&ann).await;
        expected["adjusted"] = json!([]);
        for _ in 0..2 {
            let merged = shop.merge(&ann, &guest.token).send().await;
            assert_eq!(merged.expect(200), expected);
        }
    }
    let merged = shop.merge(&bob, &shop.guest().token).send().await;
    let nothing = json!({"items": [], "total": null, "version": 0, "adjusted": []});
    assert_eq!(merged.expect(200), nothing);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_prices_that_were_seen_the_newer_is_the_quote() {
    let shop = TestShop::open().await;
    shop.product("cup", 100, 9).await;
    shop.product("mug", 100, 9).await;
    let (ann, guest) = (shop.customer(), shop.guest());
    shop.fill(&ann, &[("cup", 1)]).await;
    shop.fill(&guest, &[("mug", 1)]).await;
    for id in ["cup", "mug"] {
        shop.change(id, json!({"price": usd(250)})).await;
    }
    shop.fill(&ann, &[("mug", 1)]).await;
    shop.fill(&guest, &[("cup", 1)]).await;
    let merged = shop.merge(&ann, &guest.token).send().await.expect(200);
    assert_eq!(merged["total"], usd(4 * 250));
    let version = merged["version"].as_u64().unwrap();
    let placed = shop.order_cart(&ann, &key(), version).send().await;
    assert_eq!(placed.expect(201)["total"], usd(4 * 250));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merge_whose_answer_was_lost_has_happened_once() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 9).await;
    let (ann, guest) = (shop.customer(), shop.guest());
    shop.fill(&ann, &[("mug", 1)]).await;
    shop.fill(&guest, &[("mug", 2)]).await;
    shop.wire.lose_answers_to(&["TransactWriteItems"], "carts");
    let lost = shop.merge(&ann, &guest.token).send().await;
    lost.problem(503, "outcome-unknown");
    shop.wire.mend();
    for _ in 0..2 {
        let merged = shop.merge(&ann, &guest.token).send().await;
        let merged = merged.expect(200);
        assert_eq!(contents(&merged), [("mug".into(), 3)]);
        assert_eq!(merged["version"], 2);
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merge_that_meets_other_writes_is_busy_and_changed_nothing() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 9).await;
    let (ann, guest) = (shop.customer(), shop.guest());
    shop.fill(&ann, &[("mug", 1)]).await;
    shop.fill(&guest, &[("mug", 2)]).await;
    let before = shop.snapshot().await;
    let conflict = crate::support::cancelled(&["None", "TransactionConflict"]);
    shop.wire.refuse("TransactWriteItems", 100, &conflict);
    let busy = shop.merge(&ann, &guest.token).send().await;
    busy.problem(503, "busy");
    assert_eq!(busy.header("retry-after"), "1");
    shop.wire.forgive();
    shop.assert_unchanged(&before).await;
    let merged = shop.merge(&ann, &guest.token).send().await.expect(200);
    assert_eq!(contents(&merged), [("mug".into(), 3)]);
    shop.close().await;
}
