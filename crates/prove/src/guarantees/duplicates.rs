//! Duplicates: every request is delivered several times, in any order and at once, written in other ways and mixed with
//! others that use its key.

use std::{rc::Rc, time::Duration};

use adversary::Faults;
use domain::{ProductId, Role};
use serde_json::{Value, json};
use simulation::{Person, Reply, Request, Shop, ask};
use tokio::{task::spawn_local, time::sleep};

use super::rewritten::rewritten;
use crate::{Guarantee, Proof, Run, Tally, Violation, answers::Answers, ensure};

pub(super) const GUARANTEE: Guarantee = Guarantee {
    name: "duplicates",
    claim: "However often, in whatever order and however written a request is delivered, it has one effect and one \
            answer, byte for byte. The same key with any changed field is 422; another caller's equal key is another's.",
    fast: 240,
    full: 10_200,
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
    ];
    let kind = run.case(&kinds);
    run.in_a_shop(async |shop| {
        for product in ["mug", "pen"] {
            let buckets = [1, 4][shop.world().below(2) as usize];
            shop.stock(product, PIECES, buckets).await;
        }
        let contest = match kind {
            Kind::Order => orders(&shop),
            Kind::CartOrder => cart_orders(&shop).await,
            Kind::Purchase => purchases(&shop),
            Kind::Adjustment => adjustments(&shop),
            Kind::Payment => payments(&shop).await,
            Kind::Move => moves(&shop).await,
        };
        shop.set_faults(Faults::all());
        shop.set_mortality(0.03);
        let answers = Answers::in_world(shop.world());
        let tally = contest.is_held(&shop).await?;
        adds_up(&shop, kind, &answers, 1 + contest.others.len())?;
        let wrong = shop.close().await;
        ensure!(wrong.is_empty(), "{wrong:#?}");
        Ok(tally)
    })
}

fn address(city: &str) -> Value {
    json!({"name": "Ann", "line1": "1 Ox Road", "city": city, "postal_code": "1", "country": "NZ"})
}

/// A request with a member of its body set.
fn with(request: &Request, member: &str, value: Value) -> Request {
    let mut body = request.body().clone();
    body[member] = value;
    request.clone().json(body)
}

fn usd(amount: i64) -> Value {
    json!({"amount": amount, "currency": "USD"})
}

const REUSED: (u16, &str) = (422, "idempotency-key-reused");

fn orders(shop: &Shop) -> Contest {
    let (ann, bob) = (shop.customer(1), shop.customer(2));
    let order = |who: &Person| {
        let order = ask::place(who, "key", &[("mug", 2), ("pen", 3)]);
        with(&order, "shipping_address", address("Oxford"))
    };
    let line = |field: &str, value: Value| {
        let mut changed = order(&ann).body().clone();
        changed["items"][0][field] = value;
        order(&ann).json(changed)
    };
    Contest {
        rivals: vec![
            order(&ann),
            line("quantity", json!(3)),
            line("product_id", json!("pen")),
            line("unit_price", usd(ask::PRICE)),
            with(&order(&ann), "shipping_address", address("Cambridge")),
            with(&order(&ann), "shipping_address", Value::Null),
            ask::place(&ann, "key", &[("mug", 2)]),
            ask::buy(&ann, "key", "mug", 2),
        ],
        hopeless: vec![
            line("unit_price", usd(ask::PRICE - 1)),
            line("product_id", json!("cup")),
            ask::place_cart(&ann, "key", &json!(1)),
        ],
        others: vec![order(&bob)],
        refused: REUSED,
    }
}

async fn cart_orders(shop: &Shop) -> Contest {
    let (ann, bob) = (shop.customer(1), shop.customer(2));
    for who in [&ann, &bob] {
        shop.must(&ask::put_item(who, "mug", 2)).await;
        shop.must(&ask::put_item(who, "pen", 1)).await;
    }
    let order = |who: &Person| ask::place_cart(who, "key", &json!(2));
    Contest {
        rivals: vec![
            order(&ann),
            with(&order(&ann), "shipping_address", address("Oxford")),
            ask::place(&ann, "key", &[("mug", 2), ("pen", 1)]),
            ask::buy(&ann, "key", "mug", 2),
        ],
        hopeless: vec![with(&order(&ann), "cart_version", json!(1))],
        others: vec![order(&bob)],
        refused: REUSED,
    }
}

fn purchases(shop: &Shop) -> Contest {
    let (ann, bob) = (shop.customer(1), shop.customer(2));
    let buy = ask::buy(&ann, "key", "mug", 2);
    Contest {
        rivals: vec![
            buy.clone(),
            with(&buy, "quantity", json!(1)),
            with(&buy, "unit_price", usd(ask::PRICE)),
            with(&buy, "shipping_address", address("Oxford")),
            ask::buy(&ann, "key", "pen", 2),
            ask::place(&ann, "key", &[("mug", 2)]),
        ],
        hopeless: vec![
            with(&buy, "unit_price", usd(ask::PRICE + 1)),
            ask::buy(&ann, "key", "cup", 2),
        ],
        others: vec![ask::buy(&bob, "key", "mug", 2)],
        refused: REUSED,
    }
}

fn adjustments(shop: &Shop) -> Contest {
    let (staff, colleague) = (shop.staff(), shop.person(Role::Staff, 7));
    let adjust = ask::adjust(&staff, "key", "mug", 5);
    Contest {
        rivals: vec![
            adjust.clone(),
            with(&adjust, "delta", json!(6)),
            with(&adjust, "delta", json!(-5)),
            with(&adjust, "reason", json!("found")),
            with(&adjust, "note", json!("behind the shelf")),
        ],
        hopeless: vec![with(&adjust, "delta", json!(-2 * PIECES))],
        others: vec![
            ask::adjust(&colleague, "key", "mug", 5),
            ask::adjust(&staff, "key", "pen", 5),
        ],
        refused: REUSED,
    }
}

async fn payments(shop: &Shop) -> Contest {
    let ann = shop.customer(1);
    let mut orders = Vec::new();
    for key in ["one", "two"] {
        let placed = shop.must(&ask::place(&ann, key, &[("mug", 1)])).await;
        orders.push(placed["id"].as_str().unwrap_or_default().to_owned());
    }
    Contest {
        rivals: vec![
            ask::pay(&ann, "key", &orders[0], "tok_ok"),
            ask::pay(&ann, "key", &orders[0], "tok_timeout"),
        ],
        hopeless: vec![ask::pay(&ann, "key", &orders[0], "tok_stolen")],
        others: vec![ask::pay(&ann, "key", &orders[1], "tok_ok")],
        refused: REUSED,
    }
}

/// Steps of an order have no key: there is only one of each.
async fn moves(shop: &Shop) -> Contest {
    let (ann, staff) = (shop.customer(1), shop.staff());
    let mut orders = Vec::new();
    for key in ["one", "two"] {
        let placed = shop.must(&ask::place(&ann, key, &[("mug", 1)])).await;
        let order = placed["id"].as_str().unwrap_or_default().to_owned();
        shop.must(&ask::pay(&ann, "pay", &order, "tok_ok")).await;
        orders.push(order);
    }
    let (one, two) = (&orders[0], &orders[1]);
    let rivals = match shop.world().below(2) {
        0 => vec![
            ask::ship(&staff, one),
            with(&ask::ship(&staff, one), "carrier", json!("Ox Cart")),
            with(&ask::ship(&staff, one), "tracking_number", json!("1")),
        ],
        _ => vec![
            ask::refund(&staff, one, true),
            ask::refund(&staff, one, false),
            with(&ask::refund(&staff, one, true), "reason", json!("broken")),
        ],
    };
    Contest {
        rivals,
        hopeless: Vec::new(),
        others: vec![ask::cancel(&ann, two)],
        refused: (409, "invalid-transition"),
    }
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
            replies.push((group, reply.await.unwrap_or_else(|error| panic!("{error}"))));
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
    let most = [1, 30, 3000][shop.world().below(3) as usize];
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
            let id = ProductId::parse(product).unwrap_or_else(|| unreachable!("an id"));
            let level = shop.checked(|checker| checker.available(&id));
            ensure!(
                level == expected,
                "{level} pieces of {product} for {expected}"
            );
        }
    }
    Ok(())
}
