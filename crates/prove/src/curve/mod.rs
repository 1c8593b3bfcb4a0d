//! How much one product bears, by the number of its buckets: measured in simulated time, as a table and a picture.

mod picture;

use std::{fmt, rc::Rc, time::Duration};

use adversary::Faults;
use simulation::{Shop, ask};

use crate::{
    guarantee::grouped,
    load::{Load, offer},
};

pub use picture::{NotDrawn, draw};

/// The numbers of buckets that are measured.
pub const BUCKETS: [u8; 7] = [1, 2, 4, 8, 16, 32, 64];

/// For how long a transaction holds its items, in milliseconds.
pub const HOLDS: [u64; 2] = [8, 15];

/// Loads that are offered, in transactions that would be under way at a bucket if none met another.
const CROWDS: [f64; 9] = [0.04, 0.08, 0.12, 0.16, 0.2, 0.25, 0.3, 0.4, 0.6];

/// For how long each load is offered, at least, and how many orders there are at the least.
const DURING: Duration = Duration::from_millis(1500);
const ORDERS: f64 = 1000.0;

/// The share of orders that succeed at once when a product is said to bear a load.
const BORNE: f64 = 0.99;

/// What was measured of a product in so many buckets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// How many buckets.
    pub buckets: u8,
    /// For how long transactions hold their items, in milliseconds.
    pub hold: u64,
    /// The most orders a second of which 99 % succeeded at once.
    pub borne: f64,
    /// Attempts that an order took then.
    pub attempts: f64,
    /// The most orders a second that succeeded at all, whatever was offered.
    pub most: f64,
}

/// Measures a product in so many buckets, whose transactions hold their items for `hold` milliseconds.
pub fn measure(buckets: u8, hold: u64) -> Point {
    let mut point = Point {
        buckets,
        hold,
        borne: 0.0,
        attempts: 0.0,
        most: 0.0,
    };
    for (seed, crowd) in (0..).zip(CROWDS) {
        let rate = crowd * f64::from(buckets) * 1000.0 / hold as f64;
        let (goodput, share, attempts) = simulation::run(seed, async |shop: Rc<Shop>| {
            let load = offered(&shop, buckets, hold, rate).await;
            let share = load.with_status(201) as f64 / load.calls.len().max(1) as f64;
            (load.goodput(), share, load.attempts())
        });
        point.most = point.most.max(goodput);
        if share >= BORNE && goodput > point.borne {
            (point.borne, point.attempts) = (goodput, attempts);
        }
    }
    point
}

async fn offered(shop: &Rc<Shop>, buckets: u8, hold: u64, rate: f64) -> Load {
    shop.stock("mug", 1_000_000, buckets).await;
    shop.set_faults(Faults {
        hold: Duration::from_millis(hold),
        key_units: Some(1000),
        ..Faults::none()
    });
    // Functions that were at work before have some retries to spend.
    let warm = |number| ask::place(&shop.customer(number), "warm", &[("mug", 1)]);
    let during = DURING.max(Duration::from_secs_f64(ORDERS / rate));
    offer(shop, rate / 2.0, during / 3, false, warm).await;
    let order = |number| ask::place(&shop.customer(number), "hot", &[("mug", 1)]);
    offer(shop, rate, during, false, order).await
}

/// A row of the table, in Markdown.
pub struct Row<'a>(pub &'a [Point]);

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let buckets = self.0.first().map_or(0, |point| point.buckets);
        write!(f, "| {buckets} |")?;
        for Point {
            borne,
            attempts,
            most,
            ..
        } in self.0
        {
            let [borne, most] = [borne, most].map(|rate| grouped(rate.round() as u64));
            write!(f, " {borne} | {attempts:.2} | {most} |")?;
        }
        Ok(())
    }
}
