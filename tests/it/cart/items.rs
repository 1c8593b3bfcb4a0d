//! What is in a cart.

use serde_json::{Value, json};

use crate::support::{TestShop, contents, key, usd};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cart_is_answered_whole_by_whatever_changes_it() {
    let shop = TestShop::open().await;
    shop.product("pen", 199, 0).await;
    shop.product("mug", 1250, 0).await;
    for who in [shop.customer(), shop.guest()] {
        let cart = shop.get("/cart").bearer(&who.token).send().await;
        assert_eq!(cart.expect(200), of(&[], 0));
        assert_eq!(cart.header("content-type"), "application/json");
        assert_eq!(cart.header("cache-control"), "no-store");
        let pens = |quantity| line("pen", quantity, 199);
        let mugs = |quantity| line("mug", quantity, 1250);
        let steps = [
            (shop.put_in(&who, "pen", 99), of(&[pens(99)], 1)),
            (shop.put_in(&who, "mug", 2), of(&[pens(99), mugs(2)], 2)),
            // In place of those that are there, and where they are.
            (shop.put_in(&who, "pen", 1), of(&[pens(1), mugs(2)], 3)),
            (shop.put_in(&who, "pen", 1), of(&[pens(1), mugs(2)], 4)),
            (shop.take_out(&who, "pen"), of(&[mugs(2)], 5)),
            (shop.put_in(&who, "pen", 3), of(&[mugs(2), pens(3)], 6)),
            (shop.take_out(&who, "mug"), of(&[pens(3)], 7)),
            (shop.take_out(&who, "pen"), of(&[], 8)),
            (shop.put_in(&who, "mug", 1), of(&[mugs(1)], 9)),
        ];
        for (change, expected) in steps {
            let changed = change.send().await;
            assert_eq!(changed.expect(200), expected);
            assert_eq!(changed.header("cache-control"), "no-store");
            assert_eq!(shop.cart(&who).await, expected);
        }
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn to_take_out_what_is_not_there_changes_nothing() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 0).await;
    shop.product("pen", 100, 0).await;
    let (ann, bob) = (shop.customer(), shop.customer());
    shop.fill(&ann, &[("mug", 1), ("pen", 1)]).await;
    shop.take_out(&ann, "pen").send().await.expect(200);
    let before = shop.snapshot().await;
    for product in ["pen", "ghost", "Not%20An%20Id!"] {
        let cart = shop.take_out(&ann, product).send().await.expect(200);
        assert_eq!(cart, of(&[line("mug", 1, 100)], 3));
        let none = shop.take_out(&bob, product).send().await.expect(200);
        assert_eq!(none, of(&[], 0));
    }
    shop.assert_unchanged(&before).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_not_be_put_is_refused_and_changes_nothing() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 0).await;
    shop.product("old", 100, 0).await;
    let ann = shop.customer();
    shop.fill(&ann, &[("mug", 1), ("old", 1)]).await;
    shop.change("old", json!({"active": false})).await;
    let before = shop.snapshot().await;
    for product in ["ghost", "old", "Not%20An%20Id!", "..%2Fmug", "MUG"] {
        let refused = shop.put_in(&ann, product, 1).send().await;
        refused.problem(404, "product-not-found");
    }
    for quantity in [0, 100, -1, i64::MIN, i64::MAX] {
        let refused = shop.put_in(&ann, "mug", quantity).send().await;
        refused.problem(422, "invalid-quantity");
    }
    for body in [
        json!({}),
        json!({"quantity": null}),
        json!({"quantity": "1"}),
        json!({"quantity": 1.5}),
        json!({"quantity": 1, "unit_price": usd(1)}),
    ] {
        let put = shop.put("/cart/items/mug").bearer(&ann.token).json(&body);
        put.send().await.problem(400, "invalid-body");
    }
    let staff = shop.staff();
    for call in [
        shop.get("/cart").bearer(&staff.token),
        shop.put_in(&staff, "mug", 1),
        shop.take_out(&staff, "mug"),
    ] {
        call.send().await.problem(403, "forbidden");
    }
    shop.assert_unchanged(&before).await;

    // What is no longer for sale stays in the cart until it is taken out.
    assert_eq!(contents(&shop.cart(&ann).await).len(), 2);
    let cart = shop.take_out(&ann, "old").send().await.expect(200);
    assert_eq!(contents(&cart), [("mug".into(), 1)]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cart_shows_the_offer_that_was_seen_until_the_product_is_put_again() {
    let shop = TestShop::open().await;
    shop.product("cup", 100, 0).await;
    shop.product("mug", 100, 0).await;
    let ann = shop.customer();
    shop.fill(&ann, &[("cup", 1), ("mug", 2)]).await;
    let seen = shop.cart(&ann).await;
    let change = json!({"price": usd(150), "title": "The blue mug"});
    shop.change("mug", change).await;
    assert_eq!(shop.cart(&ann).await, seen);
    // Another product's line is no reason to look at this one's.
    let cart = shop.put_in(&ann, "cup", 2).send().await.expect(200);
    assert_eq!(cart["items"][1], seen["items"][1]);
    let cart = shop.put_in(&ann, "mug", 2).send().await.expect(200);
    let mut blue = line("mug", 2, 150);
    blue["title"] = json!("The blue mug");
    assert_eq!(cart, of(&[line("cup", 2, 100), blue], 4));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_fifty_first_product_is_refused_and_the_fiftieth_can_be_replaced() {
    let shop = TestShop::open().await;
    let ids: Vec<String> = (0..51).map(|n| format!("thing-{n:02}")).collect();
    for id in &ids {
        shop.product(id, 100, 99).await;
    }
    let ann = shop.customer();
    for id in &ids[..50] {
        shop.put_in(&ann, id, 1).send().await.expect(200);
    }
    let before = shop.snapshot().await;
    let refused = shop.put_in(&ann, "thing-50", 1).send().await;
    refused.problem(422, "cart-full");
    shop.assert_unchanged(&before).await;
    let cart = shop.put_in(&ann, "thing-49", 7).send().await.expect(200);
    assert_eq!((&cart["total"], &cart["version"]), (&usd(5600), &json!(51)));
    shop.take_out(&ann, "thing-00").send().await.expect(200);
    let cart = shop.put_in(&ann, "thing-50", 1).send().await.expect(200);
    let mut expected: Vec<(String, i64)> = ids[1..].iter().map(|id| (id.clone(), 1)).collect();
    expected[48].1 = 7;
    assert_eq!(contents(&cart), expected);
    let placed = shop.order_cart(&ann, &key(), 53).send().await.expect(201);
    assert_eq!(contents(&placed), expected);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cart_in_two_currencies_has_no_total_and_makes_no_order() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 5).await;
    shop.product("cup", 100, 5).await;
    let euros = json!({"amount": 300, "currency": "EUR"});
    shop.change("cup", json!({"price": euros})).await;
    let ann = shop.customer();
    let version = shop.fill(&ann, &[("mug", 1), ("cup", 2)]).await;
    let cart = shop.cart(&ann).await;
    let mut cups = line("cup", 2, 300);
    cups["unit_price"]["currency"] = json!("EUR");
    cups["line_total"]["currency"] = json!("EUR");
    let mut expected = of(&[line("mug", 1, 100), cups], 2);
    expected["total"] = Value::Null;
    assert_eq!(cart, expected);
    let once = key();
    let before = shop.snapshot().await;
    let refused = shop.order_cart(&ann, &once, version).send().await;
    refused.problem(422, "invalid-order");
    shop.assert_unchanged(&before).await;
    let cart = shop.take_out(&ann, "mug").send().await.expect(200);
    assert_eq!(cart["total"], json!({"amount": 600, "currency": "EUR"}));
    let placed = shop.order_cart(&ann, &once, version + 1).send().await;
    assert_eq!(placed.expect(201)["total"], cart["total"]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_has_a_cart_of_their_own() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 9).await;
    shop.product("pen", 100, 9).await;
    let everybody = [shop.customer(), shop.guest(), shop.customer(), shop.guest()];
    for (pieces, who) in (1..).zip(&everybody) {
        shop.fill(who, &[("mug", pieces)]).await;
    }
    shop.take_out(&everybody[1], "mug").send().await.expect(200);
    let placed = shop.order_cart(&everybody[2], &key(), 1).send().await;
    assert_eq!(contents(&placed.expect(201)), [("mug".into(), 3)]);
    shop.put_in(&everybody[3], "pen", 5)
        .send()
        .await
        .expect(200);
    let expected = [
        of(&[line("mug", 1, 100)], 1),
        of(&[], 2),
        of(&[], 1),
        of(&[line("mug", 4, 100), line("pen", 5, 100)], 2),
    ];
    for (who, expected) in everybody.iter().zip(expected) {
        assert_eq!(shop.cart(who).await, expected);
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_put_whose_answer_was_lost_can_be_sent_again() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 9).await;
    let ann = shop.customer();
    shop.fill(&ann, &[("mug", 1)]).await;
    shop.wire.lose_answers_to(&["UpdateItem"], "carts");
    let lost = shop.put_in(&ann, "mug", 2).send().await;
    lost.problem(503, "outcome-unknown");
    shop.wire.mend();
    let cart = shop.put_in(&ann, "mug", 2).send().await.expect(200);
    assert_eq!(contents(&cart), [("mug".into(), 2)]);
    assert_eq!(cart["items"], shop.cart(&ann).await["items"]);
    shop.close().await;
}

/// A line of a product that [`TestShop::product`] put.
fn line(id: &str, quantity: i64, price: i64) -> Value {
    json!({
        "product_id": id, "title": format!("The {id}"), "quantity": quantity,
        "unit_price": usd(price), "line_total": usd(price * quantity),
    })
}

/// A cart of these lines, in one currency, at this version.
fn of(lines: &[Value], version: u64) -> Value {
    let sum: i64 = lines
        .iter()
        .map(|line| line["line_total"]["amount"].as_i64().unwrap())
        .sum();
    let total = if lines.is_empty() {
        Value::Null
    } else {
        usd(sum)
    };
    json!({"items": lines, "total": total, "version": version})
}
