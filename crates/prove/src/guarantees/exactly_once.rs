//! Exactly once: what was asked for is done, the reply is lost, and it is asked for again.

use std::{rc::Rc, time::Duration};

use adversary::{Faults, Meddling};
use domain::{OrderStatus, ProductId};
use serde_json::json;
use simulation::{
    Person, Reply, Request, Shop,
    ask::{self, PRICE},
};
use store::orders::OrderRecord;
use tokio::{
    task::spawn_local,
    time::{sleep, timeout},
};

use crate::{Guarantee, Proof, Run, Tally, Violation, answers::Answers, ensure};

pub(super) const GUARANTEE: Guarantee = Guarantee {
    name: "exactly-once",
    claim: "When the reply to an order, an adjustment or a payment is lost, however it is asked for again and whatever \
            happened meanwhile, it is done once, and answered as it was the first time.",
    fast: 20 * CASES,
    full: 1_000 * CASES,
    run,
};

/// Pieces that a request asks for, and those that there are at first.
const WANTED: u32 = 2;
const PIECES: i64 = 20;

/// Requests to DynamoDB that write nothing.
const READS: [&str; 3] = ["GetItem", "BatchGetItem", "Query"];

/// How often the SDK sends a write.
const ATTEMPTS: u64 = 3;

/// Every [`What`], every [`Again`] and every [`Meanwhile`] that can be together.
const CASES: u64 = 143;

#[derive(Clone, Copy, PartialEq)]
enum What {
    Order,
    CartOrder,
    Purchase,
    Adjustment,
    Payment,
}

/// Which replies are lost, and who asks again.
#[derive(Clone, Copy, PartialEq)]
enum Again {
    /// One. The SDK does, within the same request.
    Sdk,
    /// One. The SDK does, when the server was started again and knows no token any more.
    SdkAfterRestart,
    /// All to that one write, of which the operation can't know whether it happened.
    Operation,
    /// All from then on, as with the three that follow. The client does, at once.
    Client,
    /// The client does, and meets a new process.
    NewProcess,
    /// The client does, when no token is known any more.
    AfterElevenMinutes,
    /// The client does, when the server was started again.
    AfterRestart,
}

#[derive(Clone, Copy, PartialEq)]
enum Meanwhile {
    Nothing,
    Paid,
    Shipped,
    Cancelled,
    Refunded,
    Expired,
    Repriced,
    SoldOut,
    Deactivated,
    CartRefilled,
}

type Case = (What, Again, Meanwhile);

fn cases() -> Vec<Case> {
    use {Again::*, Meanwhile::*, What::*};
    let mut cases = Vec::new();
    for what in [Order, CartOrder, Purchase, Adjustment, Payment] {
        let meanwhile: &[Meanwhile] = match what {
            Order | CartOrder | Purchase => &[
                Nothing,
                Paid,
                Cancelled,
                Expired,
                Repriced,
                SoldOut,
                Deactivated,
                CartRefilled,
            ],
            Adjustment => &[Nothing, Repriced, SoldOut, Deactivated],
            Payment => &[Nothing, Shipped, Cancelled, Refunded],
        };
        let at_once = [Sdk, SdkAfterRestart, Operation].map(|again| (what, again, Nothing));
        cases.extend(at_once);
        for again in [Client, NewProcess, AfterElevenMinutes, AfterRestart] {
            cases.extend(meanwhile.iter().map(|meanwhile| (what, again, *meanwhile)));
        }
    }
    cases
}

fn run(run: &Run) -> Proof {
    let (what, again, meanwhile) = run.case(&cases());
    run.in_a_shop(async |shop| {
        let scene = Scene::set(shop.clone(), what).await;
        // A payment is three writes. When it stopped before the last, nothing can have come after it.
        let from = match (what, meanwhile) {
            (What::Payment, Meanwhile::Nothing) => 1 + shop.world().below(3),
            (What::Payment, _) => 3,
            _ => 1,
        };
        let first = scene.lose_replies(again, from).await;
        let done = scene.written();
        ensure!(done.is_some() || from < 3, "nothing was written");
        told_the_truth(what, again, first.as_ref(), done.is_some())?;
        scene.let_happen(again, meanwhile).await;
        let level = scene.level();
        let mut tally = Tally::new();
        if shop.world().below(2) == 0 {
            shop.world().meddle(|_| Some(Meddling::LoseReply));
            let lost = shop.call(&scene.request).await;
            shop.world().stop_meddling();
            ensure!(lost.status == 503, "{}: {}", lost.status, lost.text);
            tally.count("of them with the reply to a repeat lost, too", 1);
        }
        if shop.world().below(2) == 0 {
            shop.set_faults(Faults::all());
            shop.set_mortality(0.05);
        }
        let reply = shop.ask(&scene.request).await;
        shop.replace_processes();
        let last = shop.ask(&scene.request).await;
        let first = scene.written().unwrap_or_default();
        for (reply, repeated) in [(&reply, done.is_some()), (&last, true)] {
            ensure!(
                reply.is_success() && reply.text == first,
                "answered {}: {}, and the first time {first}",
                reply.status,
                reply.text
            );
            ensure!(
                reply.replayed || !repeated,
                "a repeat does not say that it is one"
            );
        }
        ensure!(
            scene.level() == level,
            "{level} pieces before the repeat and {} after it",
            scene.level()
        );
        scene.was_done_once()?;
        let wrong = shop.close().await;
        ensure!(wrong.is_empty(), "{wrong:#?}");
        Ok(tally.with("requests whose reply was lost", 1))
    })
}

/// Whoever got an answer at all must have been told what is the case: that it is done, or that it is not known.
fn told_the_truth(
    what: What,
    again: Again,
    told: Option<&Reply>,
    done: bool,
) -> Result<(), Violation> {
    let Some(told) = told else {
        return Ok(());
    };
    let finds_out = match again {
        Again::Sdk | Again::SdkAfterRestart => true,
        // An order is its own record, which is read once more.
        Again::Operation => !matches!(what, What::Adjustment | What::Payment),
        _ => false,
    };
    let true_by_what_is_known = match told.problem().as_str() {
        "" => done,
        "outcome-unknown" => !finds_out,
        "busy" => !finds_out && !done,
        _ => false,
    };
    ensure!(
        true_by_what_is_known,
        "told {}: {}, done: {done}",
        told.status,
        told.text
    );
    Ok(())
}

/// A request whose reply is to be lost.
struct Scene {
    shop: Rc<Shop>,
    who: Person,
    request: Request,
    what: What,
    mug: ProductId,
    answers: Answers,
}

impl Scene {
    async fn set(shop: Rc<Shop>, what: What) -> Self {
        let buckets = [1, 1, 4][shop.world().below(3) as usize];
        shop.stock("mug", PIECES, buckets).await;
        let who = shop.customer(1);
        let request = match what {
            What::Order => ask::place(&who, "key", &[("mug", WANTED)]),
            What::Purchase => ask::buy(&who, "key", "mug", WANTED),
            What::CartOrder => {
                let cart = shop.must(&ask::put_item(&who, "mug", WANTED)).await;
                ask::place_cart(&who, "key", &cart["version"])
            }
            What::Adjustment => {
                let wanted = i64::from(WANTED);
                let delta = [wanted, -wanted][shop.world().below(2) as usize];
                ask::adjust(&shop.staff(), "key", "mug", delta)
            }
            What::Payment => {
                let order = ask::place(&who, "order", &[("mug", WANTED)]);
                let order = shop.must(&order).await;
                let order = order["id"].as_str().unwrap_or_default();
                ask::pay(&who, "key", order, "tok_ok")
            }
        };
        let answers = Answers::in_world(shop.world());
        let mug = ProductId::parse("mug").unwrap_or_else(|| unreachable!("an id"));
        Self {
            shop,
            who,
            request,
            what,
            mug,
            answers,
        }
    }

    /// The first answer, if it was written down by now.
    fn written(&self) -> Option<String> {
        let answers = self.answers.all(|_| true).into_iter();
        answers.map(|(_, answer)| answer).next()
    }

    /// Pieces that can be ordered.
    fn level(&self) -> i64 {
        self.shop.checked(|checker| checker.available(&self.mug))
    }

    /// Sends the request and loses replies to it, from those to its write number `from` on. `None` when its process dies.
    async fn lose_replies(&self, again: Again, from: u64) -> Option<Reply> {
        let world = self.shop.world();
        let most = match again {
            Again::Sdk | Again::SdkAfterRestart => 1,
            Again::Operation => ATTEMPTS,
            _ => u64::MAX,
        };
        let (mut writes, mut lost) = (0, 0);
        world.meddle(move |sent| {
            writes += u64::from(!READS.contains(&sent.operation));
            let loses = writes >= from && lost < most;
            lost += u64::from(loses);
            loses.then_some(Meddling::LoseReply)
        });
        if again == Again::SdkAfterRestart {
            let world = world.clone();
            spawn_local(async move {
                sleep(Duration::from_millis(600)).await;
                world.forget_tokens();
            });
        }
        let call = self.shop.call(&self.request);
        let told = if most == u64::MAX && world.below(2) == 0 {
            let life = Duration::from_millis(200 + world.below(1000));
            timeout(life, call).await.ok()
        } else {
            Some(call.await)
        };
        world.stop_meddling();
        told
    }

    /// What happens before the client asks again.
    async fn let_happen(&self, again: Again, meanwhile: Meanwhile) {
        let (shop, who) = (&self.shop, &self.who);
        let (staff, other) = (shop.staff(), shop.customer(2));
        let order = self.order().map(|record| record.order.id.to_string());
        let order = order.unwrap_or_default();
        let request = match meanwhile {
            Meanwhile::Nothing => None,
            Meanwhile::Paid => Some(ask::pay(who, "pay", &order, "tok_ok")),
            Meanwhile::Shipped => Some(ask::ship(&staff, &order)),
            Meanwhile::Cancelled => Some(ask::cancel(who, &order)),
            Meanwhile::Refunded => Some(ask::refund(&staff, &order, true)),
            Meanwhile::Repriced => Some(ask::put_product(&staff, "mug", PRICE + 1, json!({}))),
            Meanwhile::Deactivated => {
                let inactive = json!({"active": false});
                Some(ask::put_product(&staff, "mug", PRICE, inactive))
            }
            Meanwhile::SoldOut => {
                let rest = u32::try_from(self.level()).unwrap_or_default();
                Some(ask::place(&other, "rest", &[("mug", rest)]))
            }
            Meanwhile::CartRefilled => Some(ask::put_item(who, "mug", 1)),
            Meanwhile::Expired => {
                sleep(Duration::from_secs(16 * 60)).await;
                shop.settle().await;
                None
            }
        };
        if let Some(request) = request {
            shop.must(&request).await;
        }
        match again {
            Again::NewProcess => shop.replace_processes(),
            Again::AfterElevenMinutes => sleep(Duration::from_secs(11 * 60)).await,
            Again::AfterRestart => shop.world().forget_tokens(),
            _ => {}
        }
    }

    /// The one order of whoever asks, if there is one.
    fn order(&self) -> Option<OrderRecord> {
        self.shop.checked(|checker| {
            let mut orders = checker.orders().values();
            orders
                .find(|record| record.customer == self.who.caller.id)
                .cloned()
        })
    }

    /// That there is what was asked for, and no second one.
    fn was_done_once(&self) -> Result<(), Violation> {
        let orders = self.shop.checked(|checker| {
            let orders = checker.orders().values();
            orders
                .filter(|record| record.customer == self.who.caller.id)
                .count()
        });
        let wanted = usize::from(self.what != What::Adjustment);
        ensure!(orders == wanted, "there are {orders} orders");
        let Some(record) = self.order().filter(|_| self.what == What::Payment) else {
            return Ok(());
        };
        let history = record.order.history.iter();
        let paid = history.filter(|entry| entry.status == OrderStatus::Paid);
        let (paid, charges) = (paid.count(), record.steps.charges());
        ensure!(
            (paid, charges) == (1, 1),
            "paid {paid} times by {charges} charges"
        );
        Ok(())
    }
}
