//! A piece that wanders: of two pieces in two buckets one is always left, but not always the same one. While somebody looks
//! at the buckets, an order is called off, whose piece comes back to the one, and another takes the piece from the other.
//! Who looks at the one before and at the other after that sees none at all.

use std::time::Duration;

use adversary::{Faults, Meddling, Sent};
use simulation::{Person, Request, Shop, ask};
use tokio::{join, time::sleep};

use crate::{Proof, Tally, Violation, common::product_id, ensure};

const PRODUCT: &str = "wanderer";

/// As many pieces as buckets.
const PIECES: u8 = 2;

const ROUNDS: u64 = 6;

/// When the one piece comes back, and how much later the other is taken.
const COMES: Duration = Duration::from_millis(500);
const GOES: Duration = Duration::from_millis(4);

/// So much earlier somebody looks, for [`Faults::reads_apart`] twice as long.
const LOOKS: Duration = Duration::from_millis(28);

/// Nobody is told that there is too little, since there never is.
pub(super) async fn wander(shop: &Shop) -> Proof {
    shop.stock(PRODUCT, PIECES.into(), PIECES).await;
    shop.set_faults(Faults::reads_apart());
    // Nobody's numbers in what follows.
    let customers = [1000, 1001, 1002].map(|number| shop.customer(number));
    for round in 0..ROUNDS {
        once(shop, &customers, &format!("round-{round}")).await?;
    }
    shop.set_faults(Faults::none());
    let product = product_id(PRODUCT);
    let left = shop.checked(|checker| checker.available(&product));
    ensure!(
        left == i64::from(PIECES),
        "{left} pieces are there again of {PIECES}"
    );
    Ok(Tally::new().with("orders while a piece wanders", ROUNDS))
}

async fn once(shop: &Shop, customers: &[Person; 3], key: &str) -> Result<(), Violation> {
    let [first, second, third] = customers;
    let piece = |who: &Person| ask::place(who, key, &[(PRODUCT, 1)]);
    let held = shop.must(&piece(first)).await;
    let cancel = cancelling(first, &held);
    meddle(shop);
    let (_, taken, wanted) = join!(
        shop.must(&cancel),
        async {
            sleep(Duration::from_millis(50)).await;
            shop.ask(&piece(second)).await
        },
        async {
            sleep(Duration::from_millis(200)).await;
            shop.ask(&piece(third)).await
        }
    );
    shop.world().stop_meddling();
    for (who, reply) in [(second, &taken), (third, &wanted)] {
        ensure!(
            reply.status == 201,
            "a piece was left all the time, and {} was answered {}: {}",
            piece(who),
            reply.status,
            reply.text
        );
        shop.must(&cancelling(who, &reply.json())).await;
    }
    Ok(())
}

fn cancelling(who: &Person, order: &serde_json::Value) -> Request {
    ask::cancel(who, order["id"].as_str().unwrap_or_default())
}

/// Lets the cancellation land, then the order that was sent first, and the look at the buckets lie around both.
fn meddle(shop: &Shop) {
    let world = shop.world().clone();
    let began = world.elapsed();
    let mut orders = 0;
    shop.world().meddle(move |sent| {
        let from_now = |time: Duration| time.saturating_sub(world.elapsed() - began);
        let lands = match sent.operation {
            "TransactWriteItems" if sent.process.starts_with("cancel-order") => COMES,
            "TransactWriteItems" if sent.process.starts_with("place-order") => {
                orders += 1;
                if orders > 1 {
                    return None;
                }
                COMES + GOES
            }
            "BatchGetItem" if looks_at_buckets(sent) => COMES - LOOKS,
            _ => return None,
        };
        let delay = from_now(lands);
        (!delay.is_zero()).then_some(Meddling::Delay(delay))
    });
}

fn looks_at_buckets(sent: &Sent<'_>) -> bool {
    sent.body.to_string().contains("STOCK#")
}
