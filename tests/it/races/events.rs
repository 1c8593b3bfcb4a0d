//! One batch of the orders' stream brought several times at once, as when a function is slow and its event comes again.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::at_once;
use crate::support::{TestShop, text};

const FUNCTION: &str = "publish-order-events";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_batch_brought_six_times_at_once_is_told_once() {
    let shop = TestShop::open().await;
    shop.lambda.warm(FUNCTION, 6).await.unwrap();
    shop.product("mug", 100, 20).await;
    let ann = shop.customer();
    let mut expected = BTreeSet::new();
    for _ in 0..5 {
        let order = shop.ordered(&ann, &[("mug", 1)]).await;
        let cancelled = shop.cancel(&ann, &order).send().await.expect(200);
        for (version, status) in [
            (json!(1), "placed"),
            (cancelled["version"].clone(), "cancelled"),
        ] {
            expected.insert((
                format!("EVENT#{order}#{version}"),
                format!("order.{status}"),
            ));
        }
    }
    let records = shop.records_for(FUNCTION).await;
    let shop = std::sync::Arc::new(shop);
    let bringing = (0..6).map(|_| {
        let (shop, records) = (shop.clone(), records.clone());
        async move {
            shop.bring(FUNCTION, &records.iter().collect::<Vec<_>>())
                .await
        }
    });
    for answer in at_once(bringing).await {
        assert_eq!(answer, json!({"batchItemFailures": []}));
    }
    assert!(shop.lambda.overlapping(FUNCTION) > 1, "they did meet");
    let bus = shop.items("bus").await.into_iter();
    let told = bus.map(|item| {
        let event: Value = serde_json::from_str(text(&item, "event")).unwrap();
        let kind = event["type"].as_str().unwrap().to_owned();
        (text(&item, "pk").to_owned(), kind)
    });
    assert_eq!(told.collect::<BTreeSet<_>>(), expected);
    super::close(shop).await;
}
