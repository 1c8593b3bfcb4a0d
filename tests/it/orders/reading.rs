//! Orders read by their owners, by staff and by those who may not.

use serde_json::{Value, json};

use crate::support::{Caller, TestShop};

/// The ids of a list from its first part to its last, in parts of `limit`.
async fn ids(shop: &TestShop, caller: &Caller, query: &str, limit: usize) -> Vec<String> {
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/orders?limit={limit}{query}{cursor}");
        let part = shop
            .get(&path)
            .bearer(&caller.token)
            .send()
            .await
            .expect(200);
        let items = part["items"].as_array().unwrap();
        assert!(items.len() <= limit, "{part}");
        ids.extend(
            items
                .iter()
                .map(|order| order["id"].as_str().unwrap().to_owned()),
        );
        match part["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
        assert!(ids.len() < 100, "a list comes to an end");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_order_is_answered_like_an_unknown_one_by_every_operation() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 5).await;
    let (ann, bob, staff) = (shop.customer(), shop.customer(), shop.staff());
    let order = shop.ordered(&ann, &[("mug", 1)]).await;
    let seen = shop.order_seen(&ann, &order).await.expect(200);
    assert_eq!(shop.order_seen(&staff, &order).await.expect(200), seen);
    let ship = json!({"carrier": "Ox"});
    let unknown = "ord_aaaaaaaaaaaaaaaaaaaaaaaaaa";
    for id in [
        &order,
        unknown,
        "ord_x",
        "no id",
        "%00",
        "ORD_AAAAAAAAAAAAAAAAAAAAAAAAAA",
    ] {
        let answers = [
            shop.order_seen(&bob, &id.replace(' ', "%20")).await,
            shop.pay(&bob, &id.replace(' ', "%20"), "k", "tok_ok")
                .send()
                .await,
            shop.cancel(&bob, &id.replace(' ', "%20")).send().await,
        ];
        for answer in answers {
            let mut problem = answer.problem(404, "order-not-found");
            problem["instance"] = Value::Null;
            let told = json!({
                "type": "/problems/order-not-found", "title": "Order not found", "status": 404,
                "detail": "There is no such order.", "instance": null,
            });
            assert_eq!(problem, told, "{id}");
        }
    }
    for caller in [&ann, &bob] {
        shop.ship(caller, &order, &ship)
            .send()
            .await
            .problem(403, "forbidden");
        shop.deliver(caller, &order)
            .send()
            .await
            .problem(403, "forbidden");
    }
    for answer in [
        shop.order_seen(&staff, unknown).await,
        shop.ship(&staff, unknown, &ship).send().await,
        shop.deliver(&staff, unknown).send().await,
        shop.cancel(&staff, unknown).send().await,
    ] {
        answer.problem(404, "order-not-found");
    }
    shop.get(&format!("/orders/{order}"))
        .send()
        .await
        .problem(401, "unauthenticated");
    assert_eq!(shop.order_seen(&ann, &order).await.expect(200), seen);
    assert_eq!(shop.ledger(&order).await, Default::default());
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_newest_first_in_parts_of_any_size_and_lose_nothing_placed_at_once() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 50).await;
    let (ann, bob, staff) = (shop.customer(), shop.customer(), shop.staff());
    let mut placed = Vec::new();
    for n in 0..14 {
        let caller = if n % 4 == 3 { &bob } else { &ann };
        placed.push((shop.ordered(caller, &[("mug", 1)]).await, n % 4 == 3));
    }
    // The middle ten all in one millisecond, which no client can bring about for sure.
    let created = shop.order_item(&placed[2].0).await["created_at"]
        .as_n()
        .unwrap()
        .clone();
    for (order, _) in &placed[2..12] {
        let pk = format!("ORDER#{order}");
        shop.set_number("orders", &pk, "created_at", created.parse().unwrap())
            .await;
    }
    for (caller, whose) in [(&ann, Some(false)), (&bob, Some(true)), (&staff, None)] {
        let newest_first = |from: usize, to: usize| {
            let part = placed[from..to].iter().rev();
            let seen = part.filter(move |(_, bobs)| whose.is_none_or(|bob| bob == *bobs));
            seen.map(|(id, _)| id.clone()).collect::<Vec<_>>()
        };
        let (first, mut tied, last) = (
            newest_first(12, 14),
            newest_first(2, 12),
            newest_first(0, 2),
        );
        tied.sort();
        for limit in [1, 2, 3, 100] {
            let listed = ids(&shop, caller, "", limit).await;
            let (start, end) = (first.len(), first.len() + tied.len());
            assert_eq!(listed.len(), end + last.len(), "limit {limit}: {listed:#?}");
            let mut middle = listed[start..end].to_vec();
            middle.sort();
            assert_eq!(
                (&listed[..start], middle, &listed[end..]),
                (&first[..], tied.clone(), &last[..])
            );
        }
    }
    assert_eq!(
        ids(&shop, &shop.customer(), "", 20).await,
        Vec::<String>::new()
    );
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_is_filtered_by_the_status_an_order_shows() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 50).await;
    let (ann, staff) = (shop.customer(), shop.staff());
    let placed = shop.ordered(&ann, &[("mug", 1)]).await;
    let paid = shop.paid(&ann, &[("mug", 1)]).await;
    let cancelled = shop.ordered(&ann, &[("mug", 1)]).await;
    shop.cancel(&ann, &cancelled).send().await.expect(200);
    let overdue = shop.ordered(&ann, &[("mug", 1)]).await;
    shop.let_expire(&overdue).await;
    assert_eq!(
        shop.order_seen(&ann, &overdue).await.expect(200)["status"],
        "expired"
    );
    for caller in [&ann, &staff] {
        for (status, wanted) in [
            ("placed", &placed),
            ("paid", &paid),
            ("cancelled", &cancelled),
            ("expired", &overdue),
        ] {
            let query = format!("&status={status}");
            assert_eq!(
                ids(&shop, caller, &query, 1).await,
                [wanted.as_str()],
                "{status}"
            );
        }
        assert!(ids(&shop, caller, "&status=refunded", 20).await.is_empty());
        let list = shop.get("/orders?status=PLACED").bearer(&caller.token);
        list.send().await.problem(400, "invalid-parameter");
    }
    shop.settle().await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_is_good_for_its_caller_and_its_query_alone() {
    let shop = TestShop::open().await;
    shop.product("mug", 100, 50).await;
    let (ann, bob, staff) = (shop.customer(), shop.customer(), shop.staff());
    for caller in [&ann, &ann, &bob, &bob] {
        shop.ordered(caller, &[("mug", 1)]).await;
    }
    let list = |caller: &Caller, query: &str| {
        shop.get(&format!("/orders?{query}"))
            .bearer(&caller.token)
            .send()
    };
    let part = list(&ann, "limit=1&status=placed").await.expect(200);
    let cursor = part["next_cursor"].as_str().unwrap();
    let again = |rest: &str| format!("{rest}&cursor={cursor}");
    list(&ann, &again("limit=50&status=placed"))
        .await
        .expect(200);
    for (caller, query) in [
        (&bob, again("limit=1&status=placed")),
        (&staff, again("limit=1&status=placed")),
        (&ann, again("limit=1&status=paid")),
        (&ann, again("limit=1")),
        (
            &ann,
            format!("status=placed&cursor={}", cursor.to_uppercase()),
        ),
        (&ann, format!("status=placed&cursor={cursor}A")),
        (&ann, "status=placed&cursor=".to_owned()),
    ] {
        list(caller, &query).await.problem(400, "invalid-cursor");
    }
    for query in [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=x",
        "limit=1&limit=2",
    ] {
        list(&ann, query).await.problem(400, "invalid-parameter");
    }
    shop.get("/orders")
        .send()
        .await
        .problem(401, "unauthenticated");
    shop.close().await;
}
