//! What happens to orders and their money.

use std::{future::Future, pin::Pin, rc::Rc, time::Duration};

use simulation::{Person, Reply, Request, Shop, ask};
use tokio::{
    task::{JoinHandle, spawn_local},
    time::sleep,
};

use super::{attempts, races, trouble::Trouble};
use crate::{Violation, ensure};

/// Something that happens to orders and their money.
#[derive(Clone, Copy)]
pub(super) struct Scene {
    pub(super) name: &'static str,
    pub(super) happens: fn(Rc<Shop>, Trouble) -> Happening,
}

pub(super) type Happened = Result<(), Violation>;
type Happening = Pin<Box<dyn Future<Output = Happened>>>;

pub(super) const SCENES: &[Scene] = &[
    Scene {
        name: "somebody pays",
        happens: |shop, trouble| Box::pin(attempts::paying(shop, trouble)),
    },
    Scene {
        name: "a payment and the order's expiry",
        happens: |shop, trouble| Box::pin(races::against_expiry(shop, trouble)),
    },
    Scene {
        name: "a payment and a cancellation",
        happens: |shop, trouble| Box::pin(races::against_cancellation(shop, trouble)),
    },
    Scene {
        name: "a payment and the account's deletion",
        happens: |shop, trouble| Box::pin(races::against_deletion(shop, trouble)),
    },
    Scene {
        name: "two keys at once",
        happens: |shop, trouble| Box::pin(attempts::two_keys(shop, trouble)),
    },
    Scene {
        name: "declined, then paid",
        happens: |shop, trouble| Box::pin(attempts::declined_then_paid(shop, trouble)),
    },
    Scene {
        name: "the provider can't be reached",
        happens: |shop, trouble| Box::pin(attempts::unreachable(shop, trouble)),
    },
    Scene {
        name: "eleven charges",
        happens: |shop, trouble| Box::pin(attempts::eleven_charges(shop, trouble)),
    },
    Scene {
        name: "paid, then cancelled, refunded and shipped at once",
        happens: |shop, trouble| Box::pin(races::paid_and_then(shop, trouble)),
    },
    Scene {
        name: "several people and everything at once",
        happens: |shop, trouble| Box::pin(races::a_crowd(shop, trouble)),
    },
];

/// An order of somebody's. Gives its id.
pub(super) async fn placed(shop: &Shop, who: &Person) -> String {
    let placed = shop.must(&ask::place(who, "place", &[("mug", 1)])).await;
    placed["id"].as_str().unwrap_or_default().to_owned()
}

/// A token by which money is taken, one way or another.
pub(super) fn good_token(shop: &Shop) -> &'static str {
    shop.world().pick(&["tok_ok", "tok_timeout"])
}

pub(super) fn any_token(shop: &Shop) -> &'static str {
    let tokens = ["tok_ok", "tok_timeout", "tok_declined"];
    shop.world().pick(&tokens)
}

/// Sends a request so many milliseconds from now, until it is answered for good; every other client is gone after the
/// first answer, and leaves the rest to the schedule.
pub(super) fn in_a_moment(shop: &Rc<Shop>, request: Request, most: u64) -> JoinHandle<Reply> {
    let shop = shop.clone();
    let (pause, patient) = (shop.world().below(most), shop.world().below(2) == 0);
    spawn_local(async move {
        sleep(Duration::from_millis(pause)).await;
        if patient {
            shop.ask(&request).await
        } else {
            shop.call(&request).await
        }
    })
}

/// Lets the schedule come by so many milliseconds from now.
pub(super) fn schedule_in_a_moment(shop: &Rc<Shop>, trouble: Trouble, most: u64) -> JoinHandle<()> {
    let shop = shop.clone();
    spawn_local(async move {
        sleep(Duration::from_millis(shop.world().below(most))).await;
        let life = trouble.life_of_schedule(&shop);
        shop.settle_with_life(life).await;
    })
}

/// That an answer is one of those that may be given, or none for good.
pub(super) fn expect(reply: &Reply, statuses: &[u16]) -> Happened {
    let expected = statuses.contains(&reply.status) || reply.is_to_be_repeated();
    ensure!(expected, "answered {}: {}", reply.status, reply.text);
    Ok(())
}
