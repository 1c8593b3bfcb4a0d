//! `cargo shop replay-movements`: what is written down of stock once more.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use store::{
    Catalogue, Db,
    catalogue::history::{Acceptance, History},
};

use crate::support::{TestShop, cargo_shop, now, text};

/// For how long it is never certain that a movement won't come: the stream keeps a change for a day.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The key of a movement of the mug.
fn movement(version: u64) -> (String, String) {
    ("STOCK#mug".to_owned(), format!("MOVE#00#{version:016}"))
}

/// The key of an item of the catalogue.
fn item(pk: &str, sk: &str) -> (String, String) {
    (pk.to_owned(), sk.to_owned())
}

/// Lets these movements of the mug never have been written down.
async fn forget(shop: &TestShop, versions: &[u64]) {
    for version in versions {
        shop.forget_movement("mug", *version).await;
    }
}

async fn remove(shop: &TestShop, (pk, sk): &(String, String)) {
    let delete = shop.dynamodb.client().delete_item();
    let delete = delete.table_name(shop.table("CatalogueTable"));
    let delete = delete.key("pk", AttributeValue::S(pk.clone()));
    let delete = delete.key("sk", AttributeValue::S(sk.clone()));
    delete.send().await.unwrap();
}

/// Changes a number of an item by hand.
async fn set(shop: &TestShop, (pk, sk): &(String, String), name: &str, value: i64) {
    let update = shop.dynamodb.client().update_item();
    let update = update
        .table_name(shop.table("CatalogueTable"))
        .key("pk", AttributeValue::S(pk.clone()))
        .key("sk", AttributeValue::S(sk.clone()))
        .update_expression("SET #n = :v")
        .condition_expression("attribute_exists(pk)")
        .expression_attribute_names("#n", name)
        .expression_attribute_values(":v", AttributeValue::N(value.to_string()));
    update.send().await.unwrap();
}

/// What is written down of the mug, by the versions.
async fn written(shop: &TestShop) -> BTreeMap<String, String> {
    let items = shop.items("catalogue").await.into_iter();
    let movements = items.filter(|it| text(it, "pk") == "STOCK#mug");
    movements
        .map(|it| {
            let ordered: BTreeMap<_, _> = it.iter().collect();
            (text(&it, "sk").to_owned(), format!("{ordered:?}"))
        })
        .collect()
}

/// Lets something have been noted, or have happened, an hour and more before the stream would have forgotten it.
async fn let_a_day_pass(shop: &TestShop, key: &(String, String)) {
    let at = now().as_millis() - 26 * 3_600_000;
    set(shop, key, "at", at).await;
}

/// The catalogue, and what it has of the movements.
async fn history(shop: &TestShop) -> (Catalogue, History) {
    let db = Arc::new(Db::connect(&shop.dynamodb.connection()));
    let catalogue = Catalogue::new(db, shop.table("CatalogueTable"));
    let history = catalogue.history().await.unwrap();
    assert!(history.unreadable.is_empty());
    (catalogue, history)
}

/// What staff see of it.
async fn seen(shop: &TestShop) -> Vec<Value> {
    let list = shop
        .get("/products/mug/stock-movements")
        .bearer(&shop.staff().token);
    let list = list.send().await.expect(200);
    list["items"].as_array().unwrap().clone()
}

/// How a command failed.
async fn failure(shop: &TestShop, command: &[&str]) -> String {
    let failure = cargo_shop(shop, command).await.unwrap_err();
    assert_eq!(failure.exit_code(), 1);
    failure.to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_given_up_is_written_down_to_the_byte() {
    let shop = TestShop::selling("mug", 1200, 10).await;
    shop.receive("mug", 2).await;
    let ann = shop.customer();
    shop.ordered(&ann, &[("mug", 3)]).await;
    shop.drain_stream().await;
    let before = shop.snapshot().await;
    let all = written(&shop).await;
    assert_eq!(all.len(), 3);

    // The first, and the last with what it did to the product.
    forget(&shop, &[1, 3]).await;
    let product = item("PRODUCT#mug", "PRODUCT");
    set(&shop, &product, "available", 12).await;
    set(&shop, &product, "stock_version", 2).await;
    cargo_shop(&shop, &["replay-movements", "--dry-run"])
        .await
        .unwrap();
    assert_eq!(written(&shop).await.len(), 1);
    cargo_shop(&shop, &["replay-movements"]).await.unwrap();
    assert_eq!(written(&shop).await, all);
    shop.assert_unchanged(&before).await;

    // Of what is there nothing changes, whatever may be accepted.
    cargo_shop(&shop, &["replay-movements", "--accept-gaps"])
        .await
        .unwrap();
    shop.assert_unchanged(&before).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_stream_has_forgotten_is_named_and_accepted_only_on_request() {
    let shop = TestShop::selling("mug", 1200, 10).await;
    // Three pieces left by a second and a third change that the stream does not have.
    let bucket = item("STOCK#mug#0", "BUCKET");
    for (name, value) in [("available", 7), ("received", 7), ("version", 4)] {
        set(&shop, &bucket, name, value).await;
    }
    shop.receive("mug", 1).await;
    let report = shop.audited().await;
    let found: Vec<(&str, &str)> = report
        .findings
        .iter()
        .map(|it| (it.item.as_str(), it.detail.as_str()))
        .collect();
    let expected = [("STOCK#mug#0", "no movement for version 2 of 5")];
    assert_eq!(found, expected);

    let before = shop.snapshot().await;
    for command in [
        &["replay-movements"][..],
        &["replay-movements", "--dry-run"],
    ] {
        let told = failure(&shop, command).await;
        assert!(told.starts_with("1 gaps in the movements"), "{told}");
    }
    shop.assert_unchanged(&before).await;

    // The movement after it is young, and so the stream might still tell.
    let accepting = ["replay-movements", "--accept-gaps"];
    let told = failure(&shop, &accepting).await;
    assert!(told.starts_with("1 gaps in the movements"), "{told}");
    shop.assert_unchanged(&before).await;
    let_a_day_pass(&shop, &movement(4)).await;

    // What the stream does have is written down, and not in the gap.
    let all = written(&shop).await;
    forget(&shop, &[1, 5]).await;
    cargo_shop(&shop, &accepting).await.unwrap();
    let mut now = written(&shop).await;
    assert!(now.remove(&movement(3).1).is_some(), "{now:#?}");
    assert_eq!(now, all);
    let seen = seen(&shop).await;
    let levels: Vec<&Value> = seen.iter().map(|it| &it["after"]).collect();
    assert_eq!(json!(levels), json!([8, 7, 7, 10]));
    let told = ["before", "after", "change", "cause"].map(|name| seen[2][name].clone());
    let cause = json!({"kind": "gap", "id": "2-3", "actor": "system"});
    assert_eq!(told, [json!(10), json!(7), json!(-3), cause]);
    let after = shop.snapshot().await;
    cargo_shop(&shop, &accepting).await.unwrap();
    shop.assert_unchanged(&after).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gap_that_is_old_is_accepted_and_the_young_one_beside_it_is_not() {
    let shop = TestShop::selling("mug", 1200, 10).await;
    let bucket = item("STOCK#mug#0", "BUCKET");
    // Changes 2 and 3 are missing, and 5 and 6.
    for version in [4, 7] {
        set(&shop, &bucket, "version", version).await;
    }
    shop.drain_stream().await;
    let_a_day_pass(&shop, &movement(4)).await;
    let before = written(&shop).await;
    assert_eq!(before.len(), 3);
    let accepting = ["replay-movements", "--accept-gaps"];
    let told = failure(&shop, &accepting).await;
    assert!(told.starts_with("1 gaps in the movements"), "{told}");
    let mut now = written(&shop).await;
    assert!(now.remove(&movement(3).1).is_some(), "{now:#?}");
    assert_eq!(now, before);

    let_a_day_pass(&shop, &movement(7)).await;
    cargo_shop(&shop, &accepting).await.unwrap();
    assert_eq!(written(&shop).await.len(), 5);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nothing_tells_the_time_of_is_accepted_a_day_after_it_was_seen() {
    let shop = TestShop::selling("mug", 1200, 10).await;
    shop.drain_stream().await;
    // The last change of a bucket, of which the stream here would tell for ever.
    forget(&shop, &[1]).await;
    let before = shop.snapshot().await;
    let (catalogue, known) = history(&shop).await;
    let mut found = known.gaps();
    assert_eq!(found.len(), 1, "{found:?}");
    let gap = &mut found[0];
    assert_eq!((gap.first, gap.last, gap.certain_from()), (1, 1, None));
    let accepted = catalogue.accept(gap, &known).await.unwrap();
    assert_eq!(accepted, Acceptance::TooYoung);
    shop.assert_unchanged(&before).await;

    let begun = now();
    catalogue.note_missing(gap).await.unwrap();
    assert!(gap.certain_from().unwrap() >= begun.plus(DAY));
    let accepted = catalogue.accept(gap, &known).await.unwrap();
    assert_eq!(accepted, Acceptance::TooYoung);
    assert_eq!(written(&shop).await.len(), 0);
    // It is noted once, and the audit has no use for it.
    let noted = shop.snapshot().await;
    let (catalogue, known) = history(&shop).await;
    let mut again = known.gaps();
    assert_eq!(again, std::slice::from_ref(gap));
    catalogue.note_missing(&mut again[0]).await.unwrap();
    shop.assert_unchanged(&noted).await;
    let report = shop.audited().await;
    assert_eq!(report.findings.len(), 1, "{:#?}", report.findings);

    // What changes meanwhile is younger.
    let note = item("MISSED#mug", "SEEN#00#0000000000000001");
    let_a_day_pass(&shop, &note).await;
    let bucket = item("STOCK#mug#0", "BUCKET");
    set(&shop, &bucket, "version", 2).await;
    let (catalogue, known) = history(&shop).await;
    let found = &known.gaps()[0];
    assert_eq!((found.last, found.certain_from()), (2, None));
    let accepted = catalogue.accept(found, &known).await.unwrap();
    assert_eq!(accepted, Acceptance::TooYoung);

    set(&shop, &bucket, "version", 1).await;
    let (catalogue, known) = history(&shop).await;
    let found = &known.gaps()[0];
    let accepted = catalogue.accept(found, &known).await.unwrap();
    assert_eq!(accepted, Acceptance::Written);
    // By this history it is missing still, though somebody wrote it down meanwhile.
    let all = written(&shop).await;
    let accepted = catalogue.accept(found, &known).await.unwrap();
    assert_eq!(accepted, Acceptance::Outdated);
    assert_eq!(written(&shop).await, all);
    let seen = seen(&shop).await;
    let told = ["before", "after", "cause"].map(|name| seen[0][name].clone());
    let cause = json!({"kind": "gap", "id": "1-1", "actor": "system"});
    assert_eq!(told, [json!(0), json!(10), cause]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_gap_is_accepted_that_something_unreadable_may_fill() {
    let shop = TestShop::selling("mug", 1200, 10).await;
    let bucket = item("STOCK#mug#0", "BUCKET");
    set(&shop, &bucket, "version", 3).await;
    shop.drain_stream().await;
    // A bucket that came without a version, and went.
    let broken = item("STOCK#broken#0", "BUCKET");
    let put = shop.dynamodb.client().put_item();
    let put = put.table_name(shop.table("CatalogueTable"));
    let put = put.item("pk", AttributeValue::S(broken.0.clone()));
    let put = put.item("sk", AttributeValue::S(broken.1.clone()));
    put.send().await.unwrap();
    let before = shop.snapshot().await;
    let accepting = ["replay-movements", "--accept-gaps"];
    let told = failure(&shop, &accepting).await;
    assert!(
        told.starts_with("2 items or changes can't be read"),
        "{told}"
    );
    remove(&shop, &broken).await;
    let told = failure(&shop, &accepting).await;
    assert!(
        told.starts_with("1 items or changes can't be read"),
        "{told}"
    );
    let mut expected = before;
    expected.retain(|key, _| !key.contains(&broken.0));
    shop.assert_unchanged(&expected).await;
    shop.lambda.shutdown().await;
    shop.dynamodb.stop().await;
}
