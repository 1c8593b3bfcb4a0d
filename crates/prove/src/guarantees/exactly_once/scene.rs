//! A request whose reply is to be lost, and what happens to what it did.

use std::{rc::Rc, time::Duration};

use adversary::Meddling;
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

use super::{Again, Meanwhile, What};
use crate::{
    Violation,
    answers::Answers,
    common::{UNTIL_ALL_IS_OVER, product_id},
    ensure,
    sent::{turned_away, writes},
};

/// Pieces that a request asks for, and those that there are at first.
const WANTED: u32 = 2;
const PIECES: i64 = 20;

/// How often the SDK sends a write.
const ATTEMPTS: u64 = 3;

/// A request whose reply is to be lost.
pub(super) struct Scene {
    pub(super) shop: Rc<Shop>,
    pub(super) request: Request,
    pub(super) what: What,
    who: Person,
    other: Person,
    product: ProductId,
    answers: Answers,
}

impl Scene {
    /// Scene number `number` in a shop, with a product and people of its own.
    pub(super) async fn set(shop: Rc<Shop>, what: What, number: u64) -> Self {
        let name = format!("mug-{number}");
        let mug = name.as_str();
        let buckets = shop.world().pick(&[1, 1, 4]);
        shop.stock(mug, PIECES, buckets).await;
        let (who, other) = (shop.customer(2 * number), shop.customer(2 * number + 1));
        let request = match what {
            What::Order => ask::place(&who, "key", &[(mug, WANTED)]),
            What::Purchase => ask::buy(&who, "key", mug, WANTED),
            What::CartOrder => {
                let cart = shop.must(&ask::put_item(&who, mug, WANTED)).await;
                ask::place_cart(&who, "key", &cart["version"])
            }
            What::Adjustment => {
                let wanted = i64::from(WANTED);
                let delta = shop.world().pick(&[wanted, -wanted]);
                ask::adjust(&shop.staff(), "key", mug, delta)
            }
            What::Payment => {
                let order = ask::place(&who, "order", &[(mug, WANTED)]);
                let order = shop.must(&order).await;
                let order = order["id"].as_str().unwrap_or_default();
                ask::pay(&who, "key", order, "tok_ok")
            }
        };
        let answers = Answers::in_world(shop.world());
        let product = product_id(mug);
        Self {
            shop,
            request,
            what,
            who,
            other,
            product,
            answers,
        }
    }

    /// The first answer, if it was written down by now.
    pub(super) fn written(&self) -> Option<String> {
        let answers = self.answers.all(|_| true).into_iter();
        answers.map(|(_, answer)| answer).next()
    }

    /// Pieces that can be ordered.
    pub(super) fn level(&self) -> i64 {
        self.shop
            .checked(|checker| checker.available(&self.product))
    }

    /// Pieces that must be left when it was done once. A payment is of an order that took them before.
    pub(super) fn expected_level(&self) -> i64 {
        let taken = -i64::from(WANTED);
        PIECES + self.request.body()["delta"].as_i64().unwrap_or(taken)
    }

    /// Sends the request and loses replies to it, from those to its write number `from` on. `None` when its process dies.
    pub(super) async fn lose_replies(&self, again: Again, from: u64) -> Option<Reply> {
        let world = self.shop.world();
        let most = match again {
            Again::Sdk | Again::SdkAfterRestart => 1,
            Again::Operation => ATTEMPTS,
            _ => u64::MAX,
        };
        // Further attempts may be turned away, which says nothing about the first.
        let turned = again == Again::Operation && world.below(2) == 0;
        let throttled = world.below(2) == 0;
        let (mut written, mut lost) = (0, 0);
        world.meddle(move |sent| {
            written += u64::from(writes(sent));
            if written < from || lost == most {
                return None;
            }
            lost += 1;
            Some(if turned && lost > 1 && writes(sent) {
                turned_away(sent, throttled)
            } else {
                Meddling::LoseReply
            })
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
    pub(super) async fn let_happen(&self, again: Again, meanwhile: Meanwhile) {
        let (shop, who) = (&self.shop, &self.who);
        let (staff, mug) = (shop.staff(), self.product.as_str());
        let order = self.order().map(|record| record.order.id.to_string());
        let order = order.unwrap_or_default();
        let request = match meanwhile {
            Meanwhile::Nothing => None,
            Meanwhile::Paid => Some(ask::pay(who, "pay", &order, "tok_ok")),
            Meanwhile::Shipped => Some(ask::ship(&staff, &order)),
            Meanwhile::Cancelled => Some(ask::cancel(who, &order)),
            Meanwhile::Refunded => Some(ask::refund(&staff, &order, true)),
            Meanwhile::Repriced => Some(ask::put_product(&staff, mug, PRICE + 1, json!({}))),
            Meanwhile::Deactivated => {
                let inactive = json!({"active": false});
                Some(ask::put_product(&staff, mug, PRICE, inactive))
            }
            Meanwhile::SoldOut => {
                let rest = u32::try_from(self.level()).unwrap_or_default();
                Some(ask::place(&self.other, "rest", &[(mug, rest)]))
            }
            Meanwhile::CartRefilled => Some(ask::put_item(who, mug, 1)),
            Meanwhile::Expired => {
                sleep(UNTIL_ALL_IS_OVER).await;
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

    /// That what was put into the cart since is in it still.
    pub(super) async fn keeps_its_new_cart(&self) -> Result<(), Violation> {
        let cart = self.shop.ask(&ask::cart(&self.who)).await;
        let pieces = cart.pieces().get(self.product.as_str()).copied();
        ensure!(
            pieces == Some(1),
            "the cart was refilled and is {}",
            cart.text
        );
        Ok(())
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
    pub(super) fn was_done_once(&self) -> Result<(), Violation> {
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
