//! Histories: what everybody was told of an order is what they would have been told one after another.

mod life;
mod log;
#[cfg(test)]
mod tests;

use std::{rc::Rc, time::Duration};

use adversary::Faults;
use domain::{OrderId, Timestamp};
use simulation::{Person, Request, Shop, ask};
use tokio::{task::spawn_local, time::sleep};

use self::{
    life::{DECLINED, Deed},
    log::Log,
};
use crate::{
    Guarantee, Proof, Run, Tally, Violation,
    common::{closes, joined},
};

pub(super) const GUARANTEE: Guarantee = Guarantee {
    name: "histories",
    claim: "Whatever customers and staff do to an order at once, what each was told is what one after another would have \
            been told, and what nobody heard of was done once, later, or never.",
    fast: 60,
    full: 1_500,
    run,
};

/// Orders of a run, and what each person does to each.
const ORDERS: u64 = 8;
const DEEDS: u64 = 2;

/// When people come to an order.
#[derive(Clone, Copy, PartialEq)]
enum When {
    /// When it is new.
    Fresh,
    /// When its time to pay is about to be over.
    AtTheEnd,
}

/// An order that everybody is at.
struct Case {
    shop: Rc<Shop>,
    id: String,
    owner: Person,
    expires_at: Timestamp,
    log: Log,
}

fn run(run: &Run) -> Proof {
    let when = run.case(&[When::Fresh, When::Fresh, When::AtTheEnd]);
    run.in_a_shop(async |shop: Rc<Shop>| {
        let pieces = ORDERS as i64;
        shop.stock("mug", pieces, 4).await;
        let mut cases = Vec::new();
        for number in 0..ORDERS {
            cases.push(Rc::new(opened(&shop, number).await?));
        }
        shop.set_faults(faults());
        shop.set_mortality(0.2);
        let end = cases.iter().map(|case| case.expires_at).max();
        let end = end.unwrap_or(shop.now());
        if when == When::AtTheEnd {
            let before = Timestamp::from_millis(end.as_millis() - 2500);
            shop.sleep_until(before).await;
        }
        let mut people = Vec::new();
        for case in &cases {
            for part in [Part::Payer, Part::Doubter, Part::Shipper, Part::Cashier] {
                people.push(spawn_local(acts(case.clone(), part)));
            }
        }
        let settling = spawn_local(settles(shop.clone()));
        for person in people {
            joined(person).await?;
        }
        joined(settling).await;
        if when == When::AtTheEnd {
            // What nobody paid is over now by every clock, whether or not the schedule came by.
            shop.sleep_until(end.plus(2 * faults().skew)).await;
            for case in &cases {
                case.does(&case.owner, Deed::Look).await?;
            }
        }
        // What was left undone is taken up by the schedule, and everybody sees what came of it.
        sleep(Duration::from_secs(45)).await;
        shop.settle().await;
        for case in &cases {
            case.does(&shop.staff(), Deed::Look).await?;
        }
        closes(&shop).await?;
        let mut tally = Tally::new().with("histories", ORDERS);
        for case in &cases {
            case.does(&case.owner, Deed::Look).await?;
            case.log.is_explained()?;
            let (done, unknown) = case.log.counts();
            tally.count("operations", done);
            tally.count("of unknown outcome", unknown);
        }
        Ok(tally)
    })
}

/// Everything, and many more replies that are lost, since what nobody heard of is what this is about.
fn faults() -> Faults {
    Faults {
        lost_reply: 0.12,
        server_error: 0.05,
        late: 0.05,
        ..Faults::all()
    }
}

/// Somebody's part.
#[derive(Clone, Copy)]
enum Part {
    Payer,
    Doubter,
    Shipper,
    Cashier,
}

impl Part {
    /// What they may do; the more often it stands here, the likelier.
    fn deeds(self) -> &'static [Deed] {
        use Deed::{Cancel, Deliver, Look, Pay, Refund, Ship};
        match self {
            Self::Payer => &[
                Pay("one", "tok_ok"),
                Pay("one", "tok_ok"),
                Pay("one", "tok_ok"),
                Look,
            ],
            Self::Doubter => &[
                Pay("two", "tok_timeout"),
                Pay("three", DECLINED),
                Pay("four", "tok_ok"),
                Cancel,
                Look,
            ],
            Self::Shipper => &[Ship("Ox"), Ship("Ox"), Deliver, Ship("Yak"), Look],
            Self::Cashier => &[
                Refund(true),
                Refund(false),
                Cancel,
                Ship("Ox"),
                Deliver,
                Look,
            ],
        }
    }
}

/// Places an order, while nothing goes wrong.
async fn opened(shop: &Rc<Shop>, number: u64) -> Result<Case, Violation> {
    let owner = shop.customer(number);
    let order = shop.must(&ask::place(&owner, "order", &[("mug", 1)])).await;
    let id = order["id"].as_str().unwrap_or_default().to_owned();
    let parsed = OrderId::parse(&id);
    let expires_at = shop.checked(|checker| {
        let record = checker.orders().get(parsed.as_ref()?)?;
        Some(record.order.expires_at)
    });
    let expires_at = expires_at.ok_or_else(|| Violation(format!("{id} was not placed")))?;
    Ok(Case {
        shop: shop.clone(),
        id,
        owner,
        expires_at,
        log: Log::new(expires_at, faults().skew),
    })
}

/// Does what somebody in this part does. Who was not answered often does the same again.
async fn acts(case: Rc<Case>, part: Part) -> Result<(), Violation> {
    let below = |end| case.shop.world().below(end);
    let (who, deeds) = match part {
        Part::Payer | Part::Doubter => (case.owner.clone(), part.deeds()),
        Part::Shipper | Part::Cashier => (case.shop.staff(), part.deeds()),
    };
    sleep(Duration::from_millis(below(400))).await;
    let mut deed = deeds[below(deeds.len() as u64) as usize];
    for _ in 0..DEEDS {
        let answered = case.does(&who, deed).await?;
        sleep(Duration::from_millis(below(300))).await;
        if answered || below(3) == 0 {
            deed = deeds[below(deeds.len() as u64) as usize];
        }
    }
    Ok(())
}

/// The schedule comes by now and then, or not at all.
async fn settles(shop: Rc<Shop>) {
    for _ in 0..shop.world().below(4) {
        sleep(Duration::from_millis(500 + shop.world().below(1500))).await;
        shop.settle().await;
    }
}

impl Case {
    /// Does something to the order, and notes it. Tells whether it was answered for good.
    async fn does(&self, who: &Person, deed: Deed) -> Result<bool, Violation> {
        let place = self.log.begins(&self.shop, deed);
        let reply = self.shop.call(&self.request(who, deed)).await;
        self.log.ends(&self.shop, place, &reply)?;
        Ok(!reply.is_to_be_repeated())
    }

    fn request(&self, who: &Person, deed: Deed) -> Request {
        match deed {
            Deed::Pay(key, token) => ask::pay(who, key, &self.id, token),
            Deed::Cancel => ask::cancel(who, &self.id),
            Deed::Ship(carrier) => ask::ship_with(who, &self.id, carrier),
            Deed::Deliver => ask::deliver(who, &self.id),
            Deed::Refund(restock) => ask::refund(who, &self.id, restock),
            Deed::Look | Deed::Expire => ask::order(who, &self.id),
        }
    }
}
