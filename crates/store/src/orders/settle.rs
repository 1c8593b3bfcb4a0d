//! Settling orders: expiring what is unpaid and finishing every step and every deletion that is owed, with no client
//! waiting.

use std::{fmt, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    OrderId, Timestamp, UserId,
    payment::{StepKind, StepState, Steps},
};

use futures_util::{StreamExt, future, stream};
use tokio::time::Instant;

use super::{
    Checkout,
    advance::{Actor, Advance, Change},
};
use crate::{
    db::{Applied, Query},
    error::{Corrupt, Failure, StoreError},
    item::Item,
    keys::{self, Key},
    payment::PaymentProvider,
    retry::ATTEMPTS,
};

/// What a round of settling did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Settled {
    /// Orders and deletions that were due.
    pub due: usize,
    /// Unpaid orders that expired.
    pub expired: usize,
    /// Charges whose outcome was found out.
    pub charges: usize,
    /// Charges that were given back.
    pub given_back: usize,
    /// Deleted accounts whose orders were looked through.
    pub deletions: usize,
    /// What could not be settled and waits for the next round.
    pub left: usize,
    /// How late the oldest of what was due was when it was found; no time at all when nothing was. `None` when not all
    /// of it could be looked for, so that nobody knows. The answer leaves it out: it says what was done.
    #[serde(skip)]
    pub late: Option<Duration>,
}

/// How long a round goes on; what is not settled by then waits for the next.
const ROUND: Duration = Duration::from_secs(40);
/// How many orders are settled at a time.
const AT_ONCE: usize = 8;

impl Checkout {
    /// Settles everything that is due: stock and deletions first, then what only the payment provider can answer, which
    /// may be slow or gone. What can't be settled is logged and keeps nothing else waiting; each round begins at another shard.
    pub async fn settle(&self, provider: &dyn PaymentProvider) -> Settled {
        let until = Instant::now() + ROUND;
        let mut settled = Settled {
            late: Some(Duration::ZERO),
            ..Settled::default()
        };
        let mut due = Vec::new();
        let mut deleted = Vec::new();
        let first = fastrand::u8(..keys::DUE_SHARDS);
        for shard in (0..keys::DUE_SHARDS).map(|next| (first + next) % keys::DUE_SHARDS) {
            if Instant::now() >= until {
                settled.left += 1;
                settled.late = None;
                continue;
            }
            let found = self.due(shard, until, &mut settled).await;
            let Some(found) = settled.note("a shard of what is due", found) else {
                settled.late = None;
                continue;
            };
            for work in found {
                match work {
                    Due::Order(id) => due.push(id),
                    Due::Deletion(customer) => deleted.push(customer),
                }
            }
        }
        let expired = each(&due, until, async |id| self.expire(id).await).await;
        for (customer, forgotten) in each(&deleted, until, async |customer| {
            self.forget(customer).await
        })
        .await
        {
            settled.deletions += usize::from(settled.note(customer, forgotten).is_some());
        }
        let mut sound = Vec::new();
        for (id, expired) in expired {
            if let Some(expired) = settled.note(id, expired) {
                settled.expired += usize::from(expired);
                sound.push(id.clone());
            }
        }
        let stepped = each(&sound, until, async |id| {
            self.take_steps(id, provider).await
        })
        .await;
        for (id, stepped) in stepped {
            let Stepped {
                charges,
                given_back,
            } = settled.note(id, stepped).unwrap_or_default();
            settled.charges += charges;
            settled.given_back += given_back;
        }
        settled
    }

    /// What is due in a shard.
    async fn due(
        &self,
        shard: u8,
        until: Instant,
        settled: &mut Settled,
    ) -> Result<Vec<Due>, Failure> {
        let mut due = Vec::new();
        let hash = keys::due_shard(shard);
        let now = self.db().now();
        let mut start = None;
        loop {
            let latest = AttributeValue::N(now.as_millis().to_string());
            let query = Query {
                table: &self.orders.table,
                index: Some(keys::DUE),
                hash: ("due", &hash),
                range: Some(("next_action_at", "<=", latest)),
                ascending: true,
                limit: 100,
                start,
            };
            let page = self.db().query(query).await?;
            settled.due += page.items.len();
            for item in &page.items {
                settled.note_late(item, now);
                let work = Due::read(item).map_err(Failure::from);
                due.extend(settled.note("an item of what is due", work));
            }
            start = page.next;
            if start.is_none() || Instant::now() >= until {
                return Ok(due);
            }
        }
    }

    /// Expires an order that nobody paid for in time. True if this did it.
    async fn expire(&self, id: &OrderId) -> Result<bool, Failure> {
        let Some(record) = self.orders.find(id).await? else {
            return Ok(false);
        };
        if !record.order.is_overdue(self.db().now()) {
            return Ok(false);
        }
        let expire = Advance {
            change: Change::Expire,
            by: Actor::System,
        };
        self.advance_if_possible(id, &expire).await
    }

    /// Finds out what became of charges, and gives back what is owed.
    async fn take_steps(
        &self,
        id: &OrderId,
        provider: &dyn PaymentProvider,
    ) -> Result<Stepped, Failure> {
        let mut stepped = Stepped::default();
        let Some(record) = self.orders.find(id).await? else {
            return Ok(stepped);
        };
        let now = self.db().now();
        for step in record.due_steps(now) {
            let key = Steps::provider_key(id, step.number);
            match &step.kind {
                StepKind::Charge { .. } => {
                    let outcome = provider.close(&key).await;
                    match self.orders.finish_charge(id, step.number, outcome).await {
                        Ok(_) | Err(StoreError::Refused(_)) => stepped.charges += 1,
                        Err(StoreError::Failed(failure)) => return Err(failure),
                    }
                }
                StepKind::GiveBack { charge } => {
                    let charge = Steps::provider_key(id, *charge);
                    let total = record.order.total;
                    let given_back = provider.give_back(&key, &charge, total).await;
                    let given_back = given_back.map_err(Failure::OutcomeUnknown)?;
                    self.note_given_back(id, step.number, given_back).await?;
                    stepped.given_back += 1;
                }
            }
        }
        Ok(stepped)
    }

    async fn note_given_back(
        &self,
        id: &OrderId,
        number: u32,
        given_back: String,
    ) -> Result<(), Failure> {
        for _ in 0..ATTEMPTS {
            let Some(before) = self.orders.find(id).await? else {
                return Ok(());
            };
            let id = given_back.clone();
            let after = before.with_step(number, StepState::Done { id });
            let change = before.change_to(&after, &self.orders.table);
            if self.db().write(change).await.applied()? {
                return Ok(());
            }
        }
        Err(Failure::kept_changing("the order kept changing"))
    }
}

/// Steps that were settled for one order.
#[derive(Default)]
struct Stepped {
    charges: usize,
    given_back: usize,
}

impl Settled {
    /// What was done, or nothing and a line in the log.
    fn note<T>(&mut self, what: impl fmt::Display, done: Result<T, Failure>) -> Option<T> {
        done.map_err(|failure| {
            self.left += 1;
            let error = &failure as &dyn std::error::Error;
            tracing::warn!(%what, error, "could not be settled");
        })
        .ok()
    }

    /// Notes how late this is, which the index lists. What nobody can read may be late as well.
    fn note_late(&mut self, item: &Item, now: Timestamp) {
        if let (Ok(at), Some(late)) = (item.number("next_action_at"), &mut self.late) {
            *late = now.since(Timestamp::from_millis(at)).max(*late);
        }
    }
}

/// What the index of work lists.
enum Due {
    Order(OrderId),
    /// The account of this customer was deleted.
    Deletion(UserId),
}

impl Due {
    fn read(item: &Item) -> Result<Self, Corrupt> {
        match Key::of(item)? {
            Key::Order(id) => Ok(Self::Order(id)),
            Key::Deleted(customer) => Ok(Self::Deletion(customer)),
            _ => Err(item.corrupt("pk")),
        }
    }
}

/// Does `work` for each that is due, several at a time, until time is up: those it was done for, with what came of it.
async fn each<'d, D, T>(
    due: &'d [D],
    until: Instant,
    work: impl AsyncFn(&D) -> Result<T, Failure>,
) -> Vec<(&'d D, Result<T, Failure>)> {
    let done = stream::iter(due).map(async |id| {
        let in_time = Instant::now() < until;
        if in_time {
            Some((id, work(id).await))
        } else {
            None
        }
    });
    done.buffer_unordered(AT_ONCE)
        .filter_map(future::ready)
        .collect()
        .await
}
