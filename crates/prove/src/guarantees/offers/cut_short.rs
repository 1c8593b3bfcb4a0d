//! A change of offer whose process dies half way, and nobody asks for it again.

use std::{rc::Rc, time::Duration};

use adversary::Faults;
use serde_json::json;
use simulation::{Shop, ask, ask::PRICE};
use tokio::time::sleep;

use super::sales::{self, Sales};
use crate::{Proof, Tally, Violation, common::closes, ensure};

const NEW_PRICE: i64 = PRICE + 300;

/// Waits after which the process dies.
const LIFE: u64 = 24;

/// The table's stream tells its function, which finishes it.
pub(super) async fn finished_by_the_stream(shop: Rc<Shop>) -> Proof {
    let sales = Sales::watch(&shop);
    let tally = cut_short(&shop, &sales).await?;
    shop.drain_streams().await;
    sales.all_rolled(&shop)?;
    ends(&shop, tally).await
}

/// A buyer meets a bucket at the old offer, and finishes it.
pub(super) async fn finished_by_the_next_buyer(shop: Rc<Shop>) -> Proof {
    let sales = Sales::watch(&shop);
    let tally = cut_short(&shop, &sales).await?;
    if shop.world().below(2) == 0 {
        // The buyer's process need not remember the old offer.
        shop.replace_processes();
    }
    let price = sales::price_now(&shop, "mug");
    // As many as no bucket holds: whoever wants one may be lucky, meet a bucket that sells at the new offer, and look no
    // further.
    let bought = shop
        .ask(&ask::place(&shop.customer(1), "many", &[("mug", 60)]))
        .await;
    let paid = bought.json()["items"][0]["unit_price"]["amount"].clone();
    ensure!(
        bought.status == 201 && paid == price,
        "at {price}, a buyer was answered {}",
        bought.text
    );
    sales.all_rolled(&shop)?;
    ends(&shop, tally).await
}

/// Lets a change of offer die somewhere, and everything late arrive.
async fn cut_short(shop: &Shop, sales: &Sales) -> Result<Tally, Violation> {
    shop.stock("mug", 200, 6).await;
    for number in 0..4 {
        // Processes remember the old offer.
        let order = ask::place(&shop.customer(number), "before", &[("mug", 1)]);
        shop.must(&order).await;
    }
    shop.drain_streams().await;
    shop.set_faults(Faults::all());
    let before = sales::now(shop, "mug")?.offer_version;
    let buckets = shop.world().pick(&[6, 8]);
    let more = json!({"title": "new", "stock_buckets": buckets});
    let put = ask::put_product(&shop.staff(), "mug", NEW_PRICE, more);
    let life = shop.world().below(LIFE);
    let (reply, _) = shop.call_with_life(&put, Some(life)).await;
    shop.set_faults(Faults::none());
    sleep(Duration::from_secs(10)).await;
    let changed = sales::now(shop, "mug")?.offer_version > before;
    let unfinished = sales.oldest_offer("mug") == before;
    ensure!(
        !reply.is_success() || changed && !unfinished,
        "{put} was answered {}, and a bucket sells at the old offer",
        reply.text
    );
    Ok(Tally::new()
        .with("changes cut short", u64::from(!reply.is_success()))
        .with("cut short half way", u64::from(changed && unfinished)))
}

async fn ends(shop: &Shop, tally: Tally) -> Proof {
    let price = sales::price_now(shop, "mug");
    let (ann, other) = (shop.customer(9), PRICE + NEW_PRICE - price);
    let refused = shop.ask(&ask::place_at(&ann, "old", "mug", 1, other)).await;
    ensure!(
        refused.problem() == "price-changed",
        "at {price}, who was quoted {other} was answered {}",
        refused.text
    );
    let bought = shop.ask(&ask::place_at(&ann, "new", "mug", 1, price)).await;
    ensure!(
        bought.status == 201,
        "who was quoted {price} was answered {}",
        bought.text
    );
    closes(shop).await?;
    Ok(tally)
}
