//! Orders and adjustments: each has a key, by which what landed late is found.

use std::{rc::Rc, time::Duration};

use adversary::Faults;
use domain::{IdempotencyKey, OrderId, ProductId};
use serde_json::{Value, json};
use simulation::{
    Call, Request, Shop,
    ask::{self, PRICE},
};
use tokio::{task::spawn_local, time::sleep};

use super::{Late, Outlasts, What, send};
use crate::{
    Proof, Tally, Violation,
    answers::Answers,
    common::{closes, joined, product_id},
    ensure,
};

const PIECES: i64 = 6;
/// So many that there are too few for another like it.
const WANTED: i64 = 4;
const KEY: &str = "key";

/// What happens while the write is on its way.
#[derive(Clone, Copy, PartialEq)]
enum Meanwhile {
    Nothing,
    /// Others buy all there is, and call it off again.
    SoldOutForAWhile,
    Repriced,
    Deactivated,
    CartChanged,
}

pub(super) async fn run(shop: Rc<Shop>, what: What, outlasts: Outlasts) -> Proof {
    let buckets = shop.world().pick(&[1, 3]);
    shop.stock("mug", PIECES, buckets).await;
    let meanwhile = match shop.world().below(8) {
        0 => Meanwhile::Nothing,
        1 => Meanwhile::Repriced,
        2 => Meanwhile::Deactivated,
        3 => Meanwhile::CartChanged,
        _ => Meanwhile::SoldOutForAWhile,
    };
    let request = request(&shop, what).await;
    let answers = Answers::in_world(shop.world());
    let late = Rc::new(send(&shop, &request, outlasts).await?);
    let told_at = shop.elapsed();
    match shop.world().below(3) {
        0 => shop.set_faults(Faults::all()),
        1 => shop.set_faults(Faults::reads_apart()),
        _ => {}
    }
    let mut waited_for = vec![spawn_local(happens(shop.clone(), late.clone(), meanwhile))];
    for _ in 0..4 {
        let (shop, late, request) = (shop.clone(), late.clone(), request.clone());
        waited_for.push(spawn_local(async move {
            late.some_moment(&shop).await;
            shop.call(&request).await;
        }));
    }
    for one in waited_for {
        joined(one).await;
    }
    late.landed(&shop).await;
    let last = shop.ask(&request).await;
    let written = answers.all(|answer| is_of(&shop, what, answer));
    ensure!(written.len() <= 1, "it was done {} times", written.len());
    let written = written.into_iter().next();
    ensure!(
        written.is_some() == last.is_success(),
        "in the end it was answered {}: {}, and written was {written:?}",
        last.status,
        last.text
    );
    let mut tally = Tally::new().with("late writes", 1);
    let of_key = |call: &Call| call.request.to_string() == request.to_string();
    for call in shop.calls().into_iter().filter(of_key) {
        let refused = is_true(&shop, what, meanwhile, &call, written.as_ref())?;
        tally.count("refusals that were true", u64::from(refused));
        let found = written.is_some() && refused;
        tally.count("of them found by their key later", u64::from(found));
    }
    if let Some((at, _)) = &written {
        tally.count("landed after its client gave up", u64::from(*at > told_at));
    }
    if what == What::Adjustment {
        let level = shop.checked(|checker| checker.available(&mug()));
        let expected = PIECES - WANTED * i64::from(written.is_some());
        ensure!(level == expected, "{level} pieces for {expected}");
    }
    closes(&shop).await?;
    Ok(tally)
}

async fn request(shop: &Shop, what: What) -> Request {
    let who = shop.customer(1);
    let wanted = u32::try_from(WANTED).unwrap_or_default();
    let quote = json!({"amount": PRICE, "currency": "USD"});
    match what {
        What::Adjustment => ask::adjust(&shop.staff(), KEY, "mug", -WANTED),
        What::CartOrder => {
            let cart = shop.must(&ask::put_item(&who, "mug", wanted)).await;
            ask::place_cart(&who, KEY, &cart["version"])
        }
        What::Purchase => {
            let buy = ask::buy(&who, KEY, "mug", wanted);
            buy.json(json!({"quantity": WANTED, "unit_price": quote}))
        }
        _ => {
            let order = ask::place(&who, KEY, &[("mug", wanted)]);
            let line = json!({"product_id": "mug", "quantity": WANTED, "unit_price": quote});
            order.json(json!({"items": [line]}))
        }
    }
}

/// Whether what was written down is the answer to the request.
fn is_of(shop: &Shop, what: What, answer: &Value) -> bool {
    if what == What::Adjustment {
        return answer["delta"].is_number();
    }
    let key = IdempotencyKey::parse(KEY).unwrap_or_else(|| unreachable!("a key"));
    answer["id"] == OrderId::of(&shop.customer(1).caller.id, &key).as_str()
}

fn mug() -> ProductId {
    product_id("mug")
}

async fn happens(shop: Rc<Shop>, late: Rc<Late>, meanwhile: Meanwhile) {
    let (staff, other) = (shop.staff(), shop.customer(2));
    let left = late.lands.saturating_sub(shop.elapsed());
    let pause = async |share: u32| {
        let most = u64::try_from((left / share).as_millis()).unwrap_or_default();
        sleep(Duration::from_millis(shop.world().below(most + 1))).await;
    };
    pause(4).await;
    let request = match meanwhile {
        Meanwhile::Nothing => return,
        Meanwhile::Repriced => ask::put_product(&staff, "mug", PRICE + 1, json!({})),
        Meanwhile::Deactivated => ask::put_product(&staff, "mug", PRICE, json!({"active": false})),
        Meanwhile::CartChanged => ask::put_item(&shop.customer(1), "mug", 1),
        Meanwhile::SoldOutForAWhile => {
            let rest = shop.checked(|checker| checker.available(&mug()));
            let rest = u32::try_from(rest).unwrap_or_default();
            if rest == 0 {
                return;
            }
            let bought = shop
                .ask(&ask::place(&other, "rest", &[("mug", rest)]))
                .await;
            pause(2).await;
            match bought.json()["id"].as_str() {
                Some(order) => ask::cancel(&other, order),
                None => return,
            }
        }
    };
    shop.must(&request).await;
}

/// That a client was told the truth of the moment. Tells whether it was a refusal.
fn is_true(
    shop: &Shop,
    what: What,
    meanwhile: Meanwhile,
    call: &Call,
    written: Option<&(Duration, String)>,
) -> Result<bool, Violation> {
    let (reply, problem) = (&call.reply, call.reply.problem());
    if reply.status == 503 {
        return Ok(false);
    }
    if reply.is_success() {
        let same = written.is_some_and(|(_, answer)| *answer == reply.text);
        ensure!(same, "answered {}, and written was {written:?}", reply.text);
        return Ok(false);
    }
    let (from, to) = (call.began, call.ended);
    let done_before = written.is_some_and(|(at, _)| *at <= from);
    ensure!(
        !done_before,
        "it was done, and then refused as {problem} between {from:?} and {to:?}"
    );
    // What it took itself is no reason to refuse it.
    let others_until = written.map_or(to, |(at, _)| to.min(*at - Duration::from_nanos(1)));
    let fewest = shop.checked(|checker| checker.fewest(&mug(), from, others_until));
    let was = |is_so: fn(&domain::Product) -> bool| {
        shop.checked(|checker| {
            let history = checker.history_of(&mug()).iter();
            let mut until_then = history.take_while(|(at, _)| *at <= to);
            until_then.any(|(_, product)| is_so(product))
        })
    };
    let honest = match problem.as_str() {
        "out-of-stock" => fewest < WANTED,
        "insufficient-stock" => fewest < WANTED && what == What::Adjustment,
        "price-changed" => was(|product| product.price.amount != PRICE),
        "product-unavailable" | "product-not-found" => was(|product| !product.active),
        "cart-changed" => what == What::CartOrder && meanwhile == Meanwhile::CartChanged,
        _ => false,
    };
    ensure!(
        honest,
        "refused as {problem} between {from:?} and {to:?}, when there were {fewest} at the least: {}",
        reply.text
    );
    Ok(true)
}
