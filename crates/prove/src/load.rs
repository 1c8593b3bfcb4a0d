//! Load: requests that come whether or not earlier ones are answered.

use std::{rc::Rc, time::Duration};

use simulation::{Call, Request, Shop};
use tokio::{task::spawn_local, time::sleep};

use crate::common::joined;

/// What came of a load.
pub(crate) struct Load {
    /// Every request with its last answer, in the order in which they were sent.
    pub(crate) calls: Vec<Call>,
    /// Transactions that arrived at the server meanwhile.
    pub(crate) transactions: u64,
    /// For how long requests were sent.
    during: Duration,
}

impl Load {
    /// How many were answered with this status.
    pub(crate) fn with_status(&self, status: u16) -> usize {
        let those = self.calls.iter().filter(|call| call.reply.status == status);
        those.count()
    }

    /// Successes a second.
    pub(crate) fn goodput(&self) -> f64 {
        let good = self.calls.iter().filter(|call| call.reply.is_success());
        good.count() as f64 / self.during.as_secs_f64()
    }

    /// Transactions that it took for a request.
    pub(crate) fn attempts(&self) -> f64 {
        self.transactions as f64 / self.calls.len().max(1) as f64
    }
}

/// Sends so many requests a second, at random moments, and waits for their answers. Each is sent once, or with
/// `repeated` until it is answered for good.
pub(crate) async fn offer(
    shop: &Rc<Shop>,
    rate: f64,
    during: Duration,
    repeated: bool,
    request: impl Fn(u64) -> Request,
) -> Load {
    let load = offer_while(
        shop,
        |sent_for| (sent_for < during).then_some(rate),
        repeated,
        request,
    );
    Load {
        during,
        ..load.await
    }
}

/// As [`offer`], at the rate that `rate` tells for the time since the first request, until there is none.
pub(crate) async fn offer_while(
    shop: &Rc<Shop>,
    rate: impl Fn(Duration) -> Option<f64>,
    repeated: bool,
    request: impl Fn(u64) -> Request,
) -> Load {
    let transactions = || shop.world().meter().requests("TransactWriteItems");
    let before = transactions();
    let began = shop.elapsed();
    let mut sent = Vec::new();
    let mut next = 0.0;
    while let Some(rate) = rate(Duration::from_secs_f64(next)) {
        let wait = (began + Duration::from_secs_f64(next)).saturating_sub(shop.elapsed());
        if !wait.is_zero() {
            sleep(wait).await;
        }
        let (sending, request) = (shop.clone(), request(sent.len() as u64));
        sent.push(spawn_local(async move {
            let began = sending.elapsed();
            let reply = if repeated {
                sending.ask(&request).await
            } else {
                sending.call(&request).await
            };
            let ended = sending.elapsed();
            Call {
                request,
                began,
                ended,
                reply,
            }
        }));
        // The time between arrivals that know nothing of each other is exponential.
        let uniform = (shop.world().below(1_000_000) + 1) as f64 / 1e6;
        next -= uniform.ln() / rate;
    }
    let mut calls = Vec::new();
    for one in sent {
        calls.push(joined(one).await);
    }
    Load {
        calls,
        transactions: transactions() - before,
        during: Duration::from_secs_f64(next),
    }
}
