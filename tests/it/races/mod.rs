//! Requests at the same time, to processes that run at the same time.

mod events;
mod keys;
mod kills;
mod offers;
mod refunds;
mod stock;

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::Value;
use tokio::task::JoinHandle;

use crate::support::{Answer, Call, TestShop};

/// Does all of it at once.
pub async fn at_once<T: Send + 'static>(
    doing: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let doing: Vec<_> = doing.into_iter().map(tokio::spawn).collect();
    let mut done = Vec::new();
    for one in doing {
        done.push(one.await.unwrap());
    }
    done
}

/// Kills six processes of a function, each while at least two requests are under way, unless it is over before. How many
/// it killed.
pub fn killer(
    shop: &Arc<TestShop>,
    over: &Arc<AtomicBool>,
    function: &'static str,
) -> JoinHandle<usize> {
    let (shop, over) = (shop.clone(), over.clone());
    tokio::spawn(async move {
        let mut killed = 0;
        while killed < 6 && !over.load(Ordering::Relaxed) {
            tokio::select! {
                busy = shop.lambda.until_under_way(function, 2) => busy.unwrap(),
                () = tokio::time::sleep(std::time::Duration::from_millis(50)) => continue,
            }
            killed += usize::from(shop.lambda.kill_one(function).await.is_some());
        }
        killed
    })
}

/// A shop whose placing and paying has eight processes ready.
async fn busy_shop() -> Arc<TestShop> {
    let shop = TestShop::open().await;
    for function in ["place-order", "cancel-order", "pay-order"] {
        shop.lambda.warm(function, 8).await.unwrap();
    }
    Arc::new(shop)
}

/// Ends a test whose requests are all answered.
pub async fn close(shop: Arc<TestShop>) {
    Arc::into_inner(shop).unwrap().close().await;
}

/// The bodies of the answers with this status.
pub fn with_status(answers: &[Answer], status: u16) -> Vec<Value> {
    let those = answers.iter().filter(|answer| answer.status == status);
    those.map(Answer::json).collect()
}

/// A request that is sent again, as it is, for as long as the shop says that it is busy: contention is never told
/// otherwise.
pub async fn persistent(call: impl Fn() -> Call) -> Answer {
    for _ in 0..40 {
        let answer = call().send().await;
        if answer.status != 503 {
            return answer;
        }
        let slug = answer.json()["type"].clone();
        assert!(
            slug == "/problems/busy" || slug == "/problems/outcome-unknown",
            "{}",
            answer.text
        );
    }
    panic!("the shop stays busy");
}

/// A request that is sent again until it is answered for good, as a client does whose connection breaks.
pub async fn stubborn(call: impl Fn() -> Call) -> Answer {
    for _ in 0..100 {
        let answer = call().send().await;
        if answer.status < 500 {
            return answer;
        }
    }
    panic!("a hundred tries are in vain");
}
