//! `list-stock-movements`.

use serde_json::{Value, json};

use crate::support::{Caller, TestShop, key};

async fn list(shop: &TestShop, caller: &Caller, query: &str) -> Value {
    let path = format!("/products/mug/stock-movements{query}");
    shop.get(&path)
        .bearer(&caller.token)
        .send()
        .await
        .expect(200)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_change_of_stock_is_told_with_what_caused_it_and_who() {
    let shop = TestShop::open().await;
    shop.product("mug", 1200, 0).await;
    let (staff, buyer) = (shop.staff(), shop.customer());
    let adjust = shop
        .post("/products/mug/stock-adjustments")
        .bearer(&staff.token)
        .key("k");
    adjust
        .json(&json!({"delta": 9, "reason": "received"}))
        .send()
        .await
        .expect(201);
    let place = async |quantity| {
        let placed = shop
            .order(&buyer, &key(), &[("mug", quantity)])
            .send()
            .await;
        placed.expect(201)["id"].as_str().unwrap().to_owned()
    };
    let cancelled = place(2).await;
    let cancel = shop.post(&format!("/orders/{cancelled}/cancellation"));
    cancel.bearer(&staff.token).send().await.expect(200);
    let expired = place(3).await;
    shop.let_expire(&expired).await;
    shop.settle().await;
    // A change of offer and one of what customers see of the product are none of stock.
    shop.product("mug", 1300, 0).await;

    assert_eq!(
        list(&shop, &staff, "").await,
        json!({"items": [], "next_cursor": null})
    );
    shop.drain_stream().await;
    let listed = list(&shop, &staff, "").await;
    let items = listed["items"].as_array().unwrap();
    let adjustment = items.last().unwrap()["cause"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(adjustment.starts_with("adj_"), "{adjustment}");
    let movement = |index: usize, before: i64, after: i64, kind: &str, id: &str, actor: &str| {
        json!({
            "product_id": "mug", "bucket": 0, "at": items[index]["at"], "change": after - before,
            "before": before, "after": after, "cause": {"kind": kind, "id": id, "actor": actor},
        })
    };
    let expected = [
        movement(0, 6, 9, "expiry", &expired, "system"),
        movement(1, 9, 6, "order", &expired, &buyer.id),
        movement(2, 7, 9, "cancellation", &cancelled, &staff.id),
        movement(3, 9, 7, "order", &cancelled, &buyer.id),
        movement(4, 0, 9, "adjustment", &adjustment, &staff.id),
    ];
    assert_eq!(listed, json!({"items": expected, "next_cursor": null}));
    let times: Vec<&str> = items
        .iter()
        .map(|item| item["at"].as_str().unwrap())
        .collect();
    assert!(
        times.is_sorted_by(|newer, older| newer >= older),
        "{times:?}"
    );
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn movements_are_paged_bucket_by_bucket_for_one_caller_and_one_product() {
    let shop = TestShop::open().await;
    shop.product_in_buckets("mug", 1200, 12, 12).await;
    shop.receive("mug", 24).await;
    shop.product("cup", 900, 1).await;
    shop.drain_stream().await;
    let (staff, other) = (shop.staff(), shop.staff());
    let whole = list(&shop, &staff, "?limit=100").await;
    let items = whole["items"].as_array().unwrap();
    let seen: Vec<(i64, i64, i64)> = items
        .iter()
        .map(|item| {
            let number = |name: &str| item[name].as_i64().unwrap();
            (number("bucket"), number("before"), number("after"))
        })
        .collect();
    let expected: Vec<_> = (0..12)
        .rev()
        .flat_map(|bucket| [(bucket, 1, 3), (bucket, 0, 1)])
        .collect();
    assert_eq!(seen, expected);
    assert_eq!(whole["next_cursor"], Value::Null);

    for (limit, sizes) in [(1, 24), (5, 5), (20, 2), (24, 1)] {
        let (mut paged, mut pages, mut query) = (Vec::new(), 0, format!("?limit={limit}"));
        loop {
            let page = list(&shop, &staff, &query).await;
            paged.extend(page["items"].as_array().unwrap().clone());
            pages += 1;
            let Some(cursor) = page["next_cursor"].as_str() else {
                break;
            };
            assert!(pages < 100, "the list does not end");
            query = format!("?limit={limit}&cursor={cursor}");
        }
        assert_eq!((&paged, pages), (items, sizes), "limit {limit}");
    }

    let first = list(&shop, &staff, "?limit=3").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    for (product, caller) in [("mug", &other), ("cup", &staff)] {
        let path = format!("/products/{product}/stock-movements?cursor={cursor}");
        let answer = shop.get(&path).bearer(&caller.token).send().await;
        answer.problem(400, "invalid-cursor");
    }
    for (query, slug) in [
        ("limit=0", "invalid-parameter"),
        ("cursor=x", "invalid-cursor"),
    ] {
        let path = format!("/products/mug/stock-movements?{query}");
        let answer = shop.get(&path).bearer(&staff.token).send().await;
        answer.problem(400, slug);
    }
    let unknown = shop
        .get("/products/plate/stock-movements")
        .bearer(&staff.token);
    unknown.send().await.problem(404, "product-not-found");
    shop.close().await;
}
