//! A price that is raised while people buy.

use serde_json::json;

use super::{at_once, busy_shop, close, persistent};
use crate::support::{key, usd};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_pays_a_price_they_did_not_quote_while_it_is_raised() {
    let shop = busy_shop().await;
    shop.product_in_buckets("mug", 1000, 64, 4).await;
    shop.ordered(&shop.customer(), &[("mug", 1)]).await;
    let raising = shop.clone();
    let put = tokio::spawn(async move {
        raising.change("mug", json!({"price": usd(2000)})).await;
        // From here on nothing is sold at the old price.
        let quote =
            json!({"items": [{"product_id": "mug", "quantity": 1, "unit_price": usd(1000)}]});
        let buyer = raising.customer();
        let late = at_once((0..8).map(|_| {
            let (shop, buyer, quote, key) = (raising.clone(), buyer.clone(), quote.clone(), key());
            async move { persistent(|| shop.place(&buyer, &key, &quote)).await }
        }));
        for answer in late.await {
            answer.problem(409, "price-changed");
        }
    });
    let buying = (0..30).map(|n| {
        let (shop, quoted) = (shop.clone(), if n % 3 == 0 { 2000 } else { 1000 });
        async move {
            let (buyer, key) = (shop.customer(), key());
            let body =
                json!({"items": [{"product_id": "mug", "quantity": 1, "unit_price": usd(quoted)}]});
            (quoted, persistent(|| shop.place(&buyer, &key, &body)).await)
        }
    });
    let mut sold = 1;
    for (quoted, answer) in at_once(buying).await {
        if answer.status == 201 {
            sold += 1;
            assert_eq!(answer.json()["total"], usd(quoted));
        } else {
            let problem = answer.problem(409, "price-changed");
            let item = &problem["items"][0];
            assert_eq!(item["quoted"], usd(quoted));
            assert_eq!(item["current"], usd(3000 - quoted), "a price nobody quoted");
        }
    }
    put.await.unwrap();
    assert_eq!(shop.stock("mug").await["taken"], sold);
    close(shop).await;
}
