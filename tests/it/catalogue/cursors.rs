//! Where the next page of `list-products` begins: only for whom and for what it was given.

use super::list_products::{fill, page};
use crate::support::{Caller, TestShop};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_is_good_for_its_caller_and_its_query_alone() {
    let shop = TestShop::open().await;
    fill(&shop, 7).await;
    let (ann, bob, staff) = (shop.customer(), shop.customer(), shop.staff());
    let (_, next) = page(&shop, "?limit=2&query=product", Some(&ann)).await;
    let cursor = next.unwrap();
    let get = async |query: String, caller: Option<&Caller>| {
        let call = shop.get(&format!("/products?{query}"));
        match caller {
            Some(caller) => call.bearer(&caller.token).send().await,
            None => call.send().await,
        }
    };
    let good = format!("query=product&cursor={cursor}");
    let second = get(good.clone(), Some(&ann)).await.expect(200);
    // The page size is no part of the query.
    let larger = get(format!("limit=99&{good}"), Some(&ann))
        .await
        .expect(200);
    assert_eq!(
        (&second["items"], 5),
        (&larger["items"], second["items"].as_array().unwrap().len())
    );

    for caller in [None, Some(&bob), Some(&staff)] {
        get(good.clone(), caller)
            .await
            .problem(400, "invalid-cursor");
    }
    let changed_end = format!(
        "{}{}",
        &cursor[..cursor.len() - 1],
        if cursor.ends_with('A') { 'B' } else { 'A' }
    );
    let changed_tag = format!(
        "{}{}",
        if cursor.starts_with('A') { 'B' } else { 'A' },
        &cursor[1..]
    );
    for query in [
        format!("cursor={cursor}"),
        format!("query=Product&cursor={cursor}"),
        format!("query=product&category=thirds&cursor={cursor}"),
        format!("query=product&cursor={changed_end}"),
        format!("query=product&cursor={changed_tag}"),
        format!("query=product&cursor={cursor}A"),
        format!("query=product&cursor={}", &cursor[..cursor.len() - 2]),
        format!("query=product&cursor={cursor}="),
        "query=product&cursor=".to_owned(),
        "query=product&cursor=a-001".to_owned(),
        "query=product&cursor=%00".to_owned(),
        format!("query=product&cursor={}", "A".repeat(5000)),
    ] {
        let answer = get(query, Some(&ann)).await;
        answer.problem(400, "invalid-cursor");
    }
    // Nor is it one of another list.
    let other = shop
        .get(&format!("/orders?cursor={cursor}"))
        .bearer(&ann.token)
        .send()
        .await;
    other.problem(400, "invalid-cursor");
    shop.close().await;
}
