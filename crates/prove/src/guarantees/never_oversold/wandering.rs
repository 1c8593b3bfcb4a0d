//! Pieces that wander: a few customers order and call off the last pieces of a product that lies in several buckets, so
//! that there is always one left, now here and now there. Whoever looks at one bucket before a piece comes to it and at
//! another after the last has gone from there sees none at all.

use std::{rc::Rc, time::Duration};

use adversary::Faults;
use domain::ProductId;
use simulation::{Person, Shop, ask};
use tokio::{task::spawn_local, time::sleep};

use crate::{Proof, Tally, Violation, ensure};

const PRODUCT: &str = "wanderer";

/// As many pieces as buckets, and one customer less: each holds one piece at most.
const PIECES: u8 = 4;
const CUSTOMERS: u64 = PIECES as u64 - 1;

/// How often each customer orders a piece and calls it off.
const ROUNDS: u64 = 6;

/// Nobody is told that there is too little, since there never is.
pub(super) async fn wander(shop: &Rc<Shop>) -> Proof {
    shop.stock(PRODUCT, PIECES.into(), PIECES).await;
    shop.set_faults(Faults::reads_apart());
    let customers = (0..CUSTOMERS).map(|number| {
        // Nobody's number in what follows.
        let who = shop.customer(1000 + number);
        spawn_local(orders_and_cancels(shop.clone(), who))
    });
    let customers: Vec<_> = customers.collect();
    let mut tally = Tally::new();
    for customer in customers {
        tally.add(&customer.await.unwrap_or_else(|error| panic!("{error}"))?);
    }
    shop.set_faults(Faults::none());
    let product = ProductId::parse(PRODUCT).unwrap_or_else(|| unreachable!("an id"));
    let left = shop.checked(|checker| checker.available(&product));
    ensure!(
        left == i64::from(PIECES),
        "{left} pieces are there again of {PIECES}"
    );
    Ok(tally)
}

async fn orders_and_cancels(shop: Rc<Shop>, who: Person) -> Result<Tally, Violation> {
    let pause = || sleep(Duration::from_millis(shop.world().below(60)));
    for round in 0..ROUNDS {
        let order = ask::place(&who, &format!("round-{round}"), &[(PRODUCT, 1)]);
        let placed = shop.ask(&order).await;
        ensure!(
            placed.status == 201,
            "a piece was left all the time, and {order} was answered {}: {}",
            placed.status,
            placed.text
        );
        pause().await;
        let placed = placed.json();
        let order = placed["id"].as_str().unwrap_or_default();
        shop.must(&ask::cancel(&who, order)).await;
        pause().await;
    }
    Ok(Tally::new().with("pieces that wandered", ROUNDS))
}
