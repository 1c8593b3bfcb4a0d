//! Duplicates: every request is delivered several times, in any order and at once, written in other ways and mixed with
//! others that use its key.

mod contests;
mod rewritten;

use std::{rc::Rc, time::Duration};

use adversary::Faults;
use serde_json::{Value, json};
use simulation::{Reply, Request, Shop, ask};
use tokio::{task::spawn_local, time::sleep};

use self::rewritten::rewritten;
use crate::{
    Guarantee, Proof, Run, Tally, Violation,
    answers::Answers,
    common::{closes, joined, product_id},
    ensure,
};

pub(super) const GUARANTEE: Guarantee = Guarantee {
    name: "duplicates",
    claim: "However often, in whatever order and however written a request is delivered, it has one effect and one \
            answer, byte for byte. The same key with any changed field is 422; another caller's equal key is another's.",
    fast: 280,
    full: 10_500,
    run,
};

/// The most times that a request is delivered.
const MOST: u64 = 5;

const PIECES: i64 = 1000;

#[derive(Clone, Copy)]
enum Kind {
    Order,
    CartOrder,
    Purchase,
    Adjustment,
    Payment,
    Move,
    Value,
}

/// Requests that have one key, or speak of one step of an order.
struct Contest {
    /// Different requests. The one that is first succeeds; the others are refused for it.
    rivals: Vec<Request>,
    /// Requests that could not succeed if they were the first.
    hopeless: Vec<Request>,
    /// Requests that look alike and have nothing to do with it.
    others: Vec<Request>,
    /// How rivals are refused: status and problem.
    refused: (u16, &'static str),
}

fn run(run: &Run) -> Proof {
    let kinds = [
        Kind::Order,
        Kind::CartOrder,
        Kind::Purchase,
        Kind::Adjustment,
        Kind::Payment,
        Kind::Move,
        Kind::Value,
    ];
    let kind = run.case(&kinds);
    run.in_a_shop(async |shop| {
        for product in ["mug", "pen"] {
            let buckets = shop.world().pick(&[1, 4]);
            shop.stock(product, PIECES, buckets).await;
        }
        let contest = match kind {
            Kind::Order => contests::orders(&shop),
            Kind::CartOrder => contests::cart_orders(&shop).await,
            Kind::Purchase => contests::purchases(&shop),
            Kind::Adjustment => contests::adjustments(&shop),
            Kind::Payment => contests::payments(&shop).await,
            Kind::Move => contests::moves(&shop).await,
            Kind::Value => return values(shop).await,
        };
        shop.set_faults(Faults::all());
        shop.set_mortality(0.03);
        let answers = Answers::in_world(shop.world());
        let tally = contest.is_held(&shop).await?;
        closes(&shop).await?;
        // What was late has landed by now.
        adds_up(&shop, kind, &answers, 1 + contest.others.len())?;
        Ok(tally)
    })
}

impl Contest {
    async fn is_held(&self, shop: &Rc<Shop>) -> Proof {
        // In half of all contests the first of them is alone at first, so that each of the others is refused.
        let contestants = match shop.world().below(2) {
            0 => &self.rivals[..1],
            _ => &self.rivals[..],
        };
        let (mut sent, mut waited_for) = (Vec::new(), Vec::new());
        for (group, request) in contestants.iter().chain(&self.others).enumerate() {
            for _ in 0..=shop.world().below(MOST) {
                let written = rewritten(request, shop.world());
                sent.push(group);
                waited_for.push(spawn_local(delivered(shop.clone(), written)));
            }
        }
        let mut replies: Vec<(usize, Reply)> = Vec::new();
        for (group, reply) in sent.into_iter().zip(waited_for) {
            replies.push((group, joined(reply).await));
        }
        let succeeded = |group: usize| {
            let of_group = replies.iter().filter(move |(of, _)| *of == group);
            of_group
                .map(|(_, reply)| reply)
                .find(|reply| reply.is_success())
        };
        let winner = (0..contestants.len()).find(|group| succeeded(*group).is_some());
        let Some(winner) = winner else {
            return Err(Violation(format!("nobody succeeded: {replies:#?}")));
        };
        let others = contestants.len()..contestants.len() + self.others.len();
        let mut tally = Tally::new().with("requests", 1 + self.others.len() as u64);
        for (group, reply) in &replies {
            tally.count("deliveries", 1);
            let answer = succeeded(*group).filter(|_| *group == winner || others.contains(group));
            self.is_right(answer, reply)?;
        }
        let won = succeeded(winner);
        for (number, request) in self.rivals.iter().chain(&self.hopeless).enumerate() {
            let written = rewritten(request, shop.world());
            let reply = shop.ask(&written).await;
            self.is_right(won.filter(|_| number == winner), &reply)?;
            let refused = u64::from(number != winner);
            tally.count("changed requests refused", refused);
        }
        Ok(tally)
    }

    /// That a reply is this answer, or without one that it is a refusal.
    fn is_right(&self, answer: Option<&Reply>, reply: &Reply) -> Result<(), Violation> {
        let right = match answer {
            Some(answer) => (reply.status, &reply.text) == (answer.status, &answer.text),
            None => (reply.status, reply.problem().as_str()) == self.refused,
        };
        ensure!(
            right,
            "answered {}: {}, in place of {:?}",
            reply.status,
            reply.text,
            answer.map_or(self.refused.1, |answer| &answer.text)
        );
        Ok(())
    }
}

/// A request that is sent some time from now, until it is answered for good.
async fn delivered(shop: Rc<Shop>, request: Request) -> Reply {
    let most = shop.world().pick(&[1, 30, 3000]);
    sleep(Duration::from_millis(shop.world().below(most))).await;
    shop.ask(&request).await
}

/// That as much was written down as was asked for, and that stock was adjusted by no more than that.
fn adds_up(shop: &Shop, kind: Kind, answers: &Answers, asked: usize) -> Result<(), Violation> {
    let written = answers.all(|_| true);
    // A step of an order is in the order's history alone, which has each status once.
    let asked = if matches!(kind, Kind::Move) { 0 } else { asked };
    ensure!(
        written.len() == asked,
        "{} answers to {asked} requests were written down: {written:#?}",
        written.len()
    );
    if matches!(kind, Kind::Adjustment) {
        for product in ["mug", "pen"] {
            let of_product = answers.all(|answer| answer["product_id"] == product);
            let deltas = of_product.iter().filter_map(|(_, answer)| {
                let answer: Value = serde_json::from_str(answer).ok()?;
                answer["delta"].as_i64()
            });
            let expected = PIECES + deltas.sum::<i64>();
            let id = product_id(product);
            let level = shop.checked(|checker| checker.available(&id));
            ensure!(
                level == expected,
                "{level} pieces of {product} for {expected}"
            );
        }
    }
    Ok(())
}

/// What is put has no key: it is there, however often it is put.
async fn values(shop: Rc<Shop>) -> Proof {
    let (ann, staff) = (shop.customer(1), shop.staff());
    shop.must(&ask::put_item(&ann, "pen", 7)).await;
    let requests = [
        ask::put_item(&ann, "mug", 2),
        ask::remove_item(&ann, "pen"),
        ask::put_product(&staff, "cup", 100, json!({"stock_buckets": 3})),
    ];
    shop.set_faults(Faults::all());
    shop.set_mortality(0.03);
    let mut tally = Tally::new().with("requests", requests.len() as u64);
    let mut waited_for = Vec::new();
    for request in &requests {
        for _ in 0..=shop.world().below(MOST) {
            let written = rewritten(request, shop.world());
            waited_for.push(spawn_local(delivered(shop.clone(), written)));
        }
    }
    for reply in waited_for {
        let reply = joined(reply).await;
        ensure!(
            reply.is_success(),
            "answered {}: {}",
            reply.status,
            reply.text
        );
        tally.count("deliveries", 1);
    }
    // What is late may still land, and must change nothing.
    sleep(Duration::from_secs(10)).await;
    let cart = shop.ask(&ask::cart(&ann)).await.json();
    let lines: Vec<_> = cart["items"].as_array().into_iter().flatten().collect();
    ensure!(
        lines.len() == 1 && lines[0]["product_id"] == "mug" && lines[0]["quantity"] == 2,
        "the cart is {cart}"
    );
    let cup = product_id("cup");
    let (offer, buckets) = shop.checked(|checker| {
        let cup = checker.history_of(&cup).last();
        cup.map_or((0, 0), |(_, cup)| (cup.offer_version, cup.buckets_ever))
    });
    ensure!(
        (offer, buckets) == (1, 3),
        "the product has {buckets} buckets and offer {offer}"
    );
    closes(&shop).await?;
    Ok(tally)
}
