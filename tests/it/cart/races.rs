//! Carts that several fill and order at the same time.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::{Value, json};

use crate::{
    races::{at_once, close, killer, persistent, stubborn, with_status},
    support::{Answer, Caller, TestShop, contents, key},
};

/// A shop whose carts and orders have eight processes ready.
pub async fn busy_shop() -> Arc<TestShop> {
    let shop = TestShop::open().await;
    for function in [
        "put-cart-item",
        "remove-cart-item",
        "merge-cart",
        "place-order",
    ] {
        shop.lambda.warm(function, 8).await.unwrap();
    }
    Arc::new(shop)
}

/// Puts that many different products on sale, a hundred pieces of each.
pub async fn products(shop: &TestShop, count: usize) -> Vec<String> {
    let ids: Vec<String> = (0..count).map(|n| format!("thing-{n:02}")).collect();
    for id in &ids {
        shop.product(id, 100, 100).await;
    }
    ids
}

/// Puts one piece of each product into somebody's cart, all at once.
pub async fn put_all(shop: &Arc<TestShop>, who: &Caller, ids: &[String]) -> Vec<Answer> {
    let putting = ids.iter().cloned().map(|id| {
        let (shop, who) = (shop.clone(), who.clone());
        async move { shop.put_in(&who, &id, 1).send().await }
    });
    at_once(putting).await
}

/// Which products are in a cart or an order.
pub fn products_in(of: &Value) -> BTreeSet<String> {
    contents(of).into_iter().map(|(id, _)| id).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_thirty_products_put_at_once_none_is_lost_and_none_has_to_wait() {
    let shop = busy_shop().await;
    let ids = products(&shop, 30).await;
    let (ann, bob) = (shop.customer(), shop.customer());
    // Into a cart that is there, and into one that these puts bring into being.
    let before = shop.fill(&ann, &[("thing-00", 5)]).await;
    for (who, version) in [(&ann, before + 30), (&bob, 30)] {
        let answers = put_all(&shop, who, &ids).await;
        for (id, answer) in ids.iter().zip(&answers) {
            let put = (id.clone(), 1);
            assert!(contents(&answer.expect(200)).contains(&put), "{answer:?}");
        }
        let cart = shop.cart(who).await;
        assert_eq!(products_in(&cart), ids.iter().cloned().collect());
        assert_eq!(contents(&cart).len(), 30);
        assert!(contents(&cart).iter().all(|(_, quantity)| *quantity == 1));
        assert_eq!(cart["version"], version);
    }
    assert!(
        shop.lambda.overlapping("put-cart-item") > 1,
        "they did meet"
    );
    close(shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_put_of_a_cart_from_ten_sides_is_one_cart() {
    let shop = busy_shop().await;
    let ids = products(&shop, 10).await;
    for round in 0..8 {
        // A cart that never was, and one that was ordered, which the first put opens again.
        let who = shop.customer();
        let mut version = 0;
        if round % 2 == 1 {
            version = shop.fill(&who, &[("thing-03", 9)]).await;
            let placed = shop.order_cart(&who, &key(), version).send().await;
            placed.expect(201);
        }
        for answer in put_all(&shop, &who, &ids).await {
            answer.expect(200);
        }
        let cart = shop.cart(&who).await;
        let expected: BTreeSet<(String, i64)> = ids.iter().map(|id| (id.clone(), 1)).collect();
        assert_eq!(
            contents(&cart).into_iter().collect::<BTreeSet<_>>(),
            expected
        );
        assert_eq!(cart["version"], version + 10);
    }
    assert!(
        shop.lambda.overlapping("put-cart-item") > 1,
        "they did meet"
    );
    close(shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_room_in_a_cart_is_given_away_once() {
    let shop = busy_shop().await;
    let ids = products(&shop, 57).await;
    let ann = shop.customer();
    for answer in put_all(&shop, &ann, &ids[..47]).await {
        answer.expect(200);
    }
    let answers = put_all(&shop, &ann, &ids[47..]).await;
    assert_eq!(with_status(&answers, 200).len(), 3, "{answers:#?}");
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.problem(422, "cart-full");
    }
    let cart = shop.cart(&ann).await;
    assert_eq!((contents(&cart).len(), &cart["version"]), (50, &json!(50)));
    let emptying = ids.iter().chain(&ids).cloned().map(|id| {
        let (shop, ann) = (shop.clone(), ann.clone());
        async move { shop.take_out(&ann, &id).send().await }
    });
    for answer in at_once(emptying).await {
        answer.expect(200);
    }
    let cart = shop.cart(&ann).await;
    assert_eq!((contents(&cart).len(), &cart["version"]), (0, &json!(100)));
    close(shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tabs_that_order_a_cart_at_once_place_one_order() {
    let shop = busy_shop().await;
    shop.product("mug", 100, 99).await;
    shop.product_in_buckets("hat", 100, 99, 4).await;
    const ROUNDS: i64 = 16;
    for _ in 0..ROUNDS {
        let ann = shop.customer();
        let version = shop.fill(&ann, &[("mug", 2), ("hat", 1)]).await;
        let tabs = [key(), key()].map(|key| {
            let (shop, ann) = (shop.clone(), ann.clone());
            async move {
                let answer = persistent(|| shop.order_cart(&ann, &key, version)).await;
                (key, answer)
            }
        });
        let tabs = at_once(tabs).await;
        let (won, lost): (Vec<_>, Vec<_>) = tabs.iter().partition(|(_, it)| it.status == 201);
        assert_eq!((won.len(), lost.len()), (1, 1), "{tabs:#?}");
        let ((won_by, order), (lost_by, refused)) = (won[0], lost[0]);
        let order = order.json();
        let problem = refused.problem(409, "cart-changed");
        assert_eq!(problem["order_id"], order["id"]);
        assert_eq!(problem["cart_version"], version);
        let again = shop.order_cart(&ann, won_by, version).send().await;
        assert_eq!((again.json(), again.is_replayed()), (order, true));
        let again = shop.order_cart(&ann, lost_by, version).send().await;
        assert_eq!(again.without_instance(), refused.without_instance());
        assert_eq!(shop.orders_seen(&ann).await, 1);
        assert_eq!(contents(&shop.cart(&ann).await), []);
    }
    assert!(shop.lambda.overlapping("place-order") > 1, "they did meet");
    assert_eq!(shop.stock("mug").await["taken"], 2 * ROUNDS);
    assert_eq!(shop.stock("hat").await["taken"], ROUNDS);
    close(shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_sent_ten_times_at_once_orders_a_cart_once() {
    let shop = busy_shop().await;
    shop.product("mug", 100, 9).await;
    let (ann, once) = (shop.customer(), key());
    let version = shop.fill(&ann, &[("mug", 2)]).await;
    let sending = (0..10).map(|_| {
        let (shop, ann, once) = (shop.clone(), ann.clone(), once.clone());
        async move { persistent(|| shop.order_cart(&ann, &once, version)).await }
    });
    let answers = at_once(sending).await;
    for answer in &answers {
        assert_eq!((answer.status, &answer.text), (201, &answers[0].text));
    }
    assert!(shop.lambda.overlapping("place-order") > 1, "they did meet");
    assert_eq!(shop.available("mug").await, 7);
    assert_eq!(shop.orders_seen(&ann).await, 1);
    close(shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_put_while_a_cart_is_ordered_is_in_the_order_or_in_the_cart() {
    let shop = busy_shop().await;
    let ids = products(&shop, 7).await;
    for _ in 0..12 {
        let ann = shop.customer();
        shop.fill(&ann, &[("thing-00", 1)]).await;
        let ordering = {
            let (shop, ann) = (shop.clone(), ann.clone());
            tokio::spawn(async move {
                for _ in 0..100 {
                    let version = shop.cart(&ann).await["version"].as_u64().unwrap();
                    let key = key();
                    let answer = persistent(|| shop.order_cart(&ann, &key, version)).await;
                    if answer.status == 201 {
                        return answer.json();
                    }
                    let problem = answer.problem(409, "cart-changed");
                    assert_eq!(problem.get("order_id"), None, "{problem}");
                }
                panic!("six puts can't be in the way for so long");
            })
        };
        let putting = put_all(&shop, &ann, &ids[1..]);
        for answer in putting.await {
            answer.expect(200);
        }
        let order = ordering.await.unwrap();
        let cart = shop.cart(&ann).await;
        let (ordered, left) = (products_in(&order), products_in(&cart));
        assert!(ordered.contains("thing-00"), "{order}");
        assert!(ordered.is_disjoint(&left), "{order} and {cart}");
        let all: BTreeSet<String> = ordered.union(&left).cloned().collect();
        assert_eq!(all, ids.iter().cloned().collect());
        assert_eq!(cart["version"], 7, "each put is one version, an order none");
        assert_eq!(shop.orders_seen(&ann).await, 1);
    }
    assert!(
        shop.lambda.overlapping("put-cart-item") > 1,
        "they did meet"
    );
    close(shop).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killing_processes_that_order_carts_loses_none_and_doubles_none() {
    let shop = busy_shop().await;
    shop.product_in_buckets("mug", 100, 64, 4).await;
    shop.product("pen", 100, 64).await;
    let mut buyers = Vec::new();
    for _ in 0..16 {
        let buyer = shop.customer();
        let version = shop.fill(&buyer, &[("mug", 2), ("pen", 1)]).await;
        buyers.push((buyer, version));
    }
    let over = Arc::new(AtomicBool::new(false));
    let killer = killer(&shop, &over, "place-order");
    // Each has two tabs, and neither gives up before it knows.
    let ordering = buyers.iter().cloned().flat_map(|(buyer, version)| {
        [key(), key()].map(|key| {
            let (shop, buyer) = (shop.clone(), buyer.clone());
            async move { stubborn(|| shop.order_cart(&buyer, &key, version)).await }
        })
    });
    let answers = at_once(ordering.collect::<Vec<_>>()).await;
    over.store(true, Ordering::Relaxed);
    assert!(killer.await.unwrap() > 0, "something was killed");
    for ((buyer, version), tabs) in buyers.iter().zip(answers.chunks(2)) {
        let placed = with_status(tabs, 201);
        assert_eq!(placed.len(), 1, "{tabs:#?}");
        let refused = tabs.iter().find(|it| it.status != 201).unwrap();
        let problem = refused.problem(409, "cart-changed");
        assert_eq!(problem["order_id"], placed[0]["id"]);
        let empty = json!({"items": [], "total": null, "version": version});
        assert_eq!(shop.cart(buyer).await, empty);
        assert_eq!(shop.orders_seen(buyer).await, 1);
    }
    assert_eq!(shop.stock("mug").await["taken"], 32);
    assert_eq!(shop.stock("pen").await["taken"], 16);
    close(shop).await;
}
