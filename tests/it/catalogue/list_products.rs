//! `list-products`.

use serde_json::{Value, json};

use crate::support::{Caller, TestShop, usd};

/// Puts `count` products whose ids come in the order of their numbers; each third one is of the category `thirds`.
pub(super) async fn fill(shop: &TestShop, count: usize) -> Vec<String> {
    let staff = shop.staff();
    let id = |number: usize| format!("{}-{number:03}", ["a", "9", "-"][number % 3]);
    for number in 0..count {
        let category = if number % 3 == 0 { "thirds" } else { "others" };
        let title = format!(
            "Product {number} {}",
            if number % 2 == 0 { "Même" } else { "odd" }
        );
        let body = json!({"title": title, "category": category, "price": usd(100)});
        let path = format!("/products/{}", id(number));
        shop.put(&path)
            .bearer(&staff.token)
            .json(&body)
            .send()
            .await
            .expect(201);
    }
    let mut ids: Vec<String> = (0..count).map(id).collect();
    ids.sort();
    ids
}

/// A page: the ids and the cursor for the next.
pub(super) async fn page(
    shop: &TestShop,
    query: &str,
    caller: Option<&Caller>,
) -> (Vec<String>, Option<String>) {
    let call = shop.get(&format!("/products{query}"));
    let call = match caller {
        Some(caller) => call.bearer(&caller.token),
        None => call,
    };
    let list = call.send().await.expect(200);
    let items = list["items"].as_array().unwrap().iter();
    let ids = items
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect();
    let next = &list["next_cursor"];
    assert!(next.is_string() || next.is_null(), "{list}");
    (ids, next.as_str().map(str::to_owned))
}

/// Every page of a list, the parameters of `query` being given each time.
async fn pages(shop: &TestShop, query: &str) -> Vec<Vec<String>> {
    let (first, mut next) = page(shop, query, None).await;
    let mut pages = vec![first];
    while let Some(cursor) = next {
        assert!(pages.len() < 100, "the list does not end: {pages:?}");
        let separator = if query.is_empty() { '?' } else { '&' };
        let query = format!("{query}{separator}cursor={cursor}");
        let (ids, after) = page(shop, &query, None).await;
        pages.push(ids);
        next = after;
    }
    pages
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_product_of_every_shard_is_listed_once_in_the_order_of_ids_whatever_the_page_size() {
    let shop = TestShop::open().await;
    assert_eq!(pages(&shop, "").await, [Vec::<String>::new()]);
    let ids = fill(&shop, 23).await;
    for (limit, sizes) in [
        (1, 23),
        (2, 12),
        (7, 4),
        (20, 2),
        (22, 2),
        (23, 1),
        (100, 1),
    ] {
        let pages = pages(&shop, &format!("?limit={limit}")).await;
        assert_eq!(pages.concat(), ids, "limit {limit}");
        assert!(
            pages.iter().rev().skip(1).all(|page| page.len() == limit),
            "{pages:?}"
        );
        assert_eq!(pages.len(), sizes, "limit {limit}");
    }
    let sizes: Vec<usize> = pages(&shop, "").await.iter().map(Vec::len).collect();
    assert_eq!(sizes, [20, 3]);

    let thirds: Vec<&String> = ids.iter().filter(|id| id.starts_with('a')).collect();
    for limit in [1, 3, 8, 100] {
        let pages = pages(&shop, &format!("?category=thirds&limit={limit}")).await;
        assert_eq!(pages.concat().iter().collect::<Vec<_>>(), thirds);
    }
    assert_eq!(pages(&shop, "?category=none").await, [Vec::<String>::new()]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listed_product_says_whether_it_is_in_stock_and_may_be_kept_without_a_session_only() {
    let shop = TestShop::open().await;
    shop.product("cup", 900, 0).await;
    shop.product_in_buckets("mug", 1200, 1, 3).await;
    shop.drain_stream().await;
    let answer = shop.get("/products").send().await;
    let list = answer.expect(200);
    let item = |index: usize, id: &str, price: i64, in_stock: bool| {
        let listed = &list["items"][index];
        json!({
            "id": id, "title": format!("The {id}"), "description": null, "category": "things", "price": usd(price),
            "image_url": null, "active": true, "in_stock": in_stock,
            "created_at": listed["created_at"], "updated_at": listed["updated_at"],
        })
    };
    let expected = json!({"items": [item(0, "cup", 900, false), item(1, "mug", 1200, true)], "next_cursor": null});
    assert_eq!(list, expected);
    assert!(list["items"][0]["created_at"].is_string());
    assert_eq!(answer.header("cache-control"), "public, max-age=5");
    assert_eq!(answer.header("vary"), "authorization");

    let customer = shop
        .get("/products")
        .bearer(&shop.customer().token)
        .send()
        .await;
    assert_eq!(customer.expect(200), expected);
    let staff = shop
        .get("/products?category=things")
        .bearer(&shop.staff().token)
        .send()
        .await;
    let mut staffs = expected;
    staffs["items"][0]["stock_buckets"] = json!(1);
    staffs["items"][1]["stock_buckets"] = json!(3);
    assert_eq!(staff.expect(200), staffs);
    for answer in [customer, staff] {
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_word_of_a_query_must_begin_a_word_of_title_or_category() {
    let shop = TestShop::open().await;
    let staff = shop.staff();
    for (id, title, category) in [
        ("kettle", "Red Tea-Kettle, 2 l", "kitchen-ware"),
        ("mug", "RED Mug", "kitchen-ware"),
        ("crepe", "Crêpe Pan Ökonom", "pans"),
    ] {
        let body = json!({"title": title, "category": category, "price": usd(100)});
        let path = format!("/products/{id}");
        shop.put(&path)
            .bearer(&staff.token)
            .json(&body)
            .send()
            .await
            .expect(201);
    }
    for (query, expected) in [
        ("red", vec!["kettle", "mug"]),
        ("RED", vec!["kettle", "mug"]),
        ("red+mu", vec!["mug"]),
        ("mug%20red", vec!["mug"]),
        ("ket", vec!["kettle"]),
        ("ettle", vec![]),
        ("tea-kettle", vec!["kettle"]),
        ("ware+2", vec!["kettle"]),
        ("kitchen", vec!["kettle", "mug"]),
        ("cr%C3%8Ape", vec!["crepe"]),
        ("%C3%B6k", vec!["crepe"]),
        ("red+blue", vec![]),
        ("", vec!["crepe", "kettle", "mug"]),
        ("%22%27%3B--", vec!["crepe", "kettle", "mug"]),
    ] {
        let pages = pages(&shop, &format!("?query={query}")).await;
        assert_eq!(pages, [expected], "{query}");
    }
    assert_eq!(
        pages(&shop, "?query=red&category=pans").await,
        [Vec::<String>::new()]
    );
    assert_eq!(
        pages(&shop, "?query=red&limit=1").await.concat(),
        ["kettle", "mug"]
    );
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parameters_out_of_bounds_are_refused_and_unknown_ones_ignored() {
    let shop = TestShop::open().await;
    fill(&shop, 2).await;
    for query in [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=%2B5",
        "limit=1.5",
        "limit=",
        "limit=abc",
        "limit=1e1",
        "limit=99999999999999999999",
        "limit=%D9%A3",
        "limit=5&limit=5",
        "limit=%20",
        "category=",
        "category=Thirds",
        "category=a_b",
        "category=thirds&category=thirds",
        "query=a&query=b",
        "query=%ff",
        "category=%ff",
        "cursor=%ff",
    ] {
        let answer = shop.get(&format!("/products?{query}")).send().await;
        let problem = answer.problem(400, "invalid-parameter");
        let name = query.split('=').next().unwrap();
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(name), "{query}: {detail}");
    }
    for query in [
        "limit=001",
        "offset=5",
        "LIMIT=1",
        "%ff=1",
        "&&&",
        "limit=100&limits=x",
    ] {
        let list: Value = shop
            .get(&format!("/products?{query}"))
            .send()
            .await
            .expect(200);
        let count = if query == "limit=001" { 1 } else { 2 };
        assert_eq!(list["items"].as_array().unwrap().len(), count, "{query}");
    }
    shop.close().await;
}
