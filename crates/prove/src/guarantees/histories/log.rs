//! Who did what to an order, from when to when, and what they were told.

use std::{cell::RefCell, time::Duration};

use domain::{OrderStatus, Timestamp};
use serde_json::Value;
use simulation::{Reply, Shop};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester};

use super::life::{Deed, Life, Op, Shown, Told, leads_to};
use crate::Violation;

/// Everything that was done to one order.
pub(super) struct Log {
    /// When its time to pay ends, and how far clocks may be off.
    expires_at: Timestamp,
    skew: Duration,
    entries: RefCell<Vec<Entry>>,
    /// Counts beginnings and ends: which came first, even in one millisecond.
    ticks: RefCell<u64>,
}

/// Something that was done.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    deed: Deed,
    began: Moment,
    ended: Option<Moment>,
    /// What was told; `None` when it is not known whether it was done, or ever will be.
    told: Option<Told>,
}

#[derive(Clone, Copy, Debug)]
struct Moment {
    tick: u64,
    at: Timestamp,
}

impl Log {
    pub(super) fn new(expires_at: Timestamp, skew: Duration) -> Self {
        Self {
            expires_at,
            skew,
            entries: RefCell::default(),
            ticks: RefCell::default(),
        }
    }

    /// Somebody begins to do something; gives its place in the log.
    pub(super) fn begins(&self, shop: &Shop, deed: Deed) -> usize {
        let began = self.moment(shop);
        let mut entries = self.entries.borrow_mut();
        entries.push(Entry {
            deed,
            began,
            ended: None,
            told: None,
        });
        entries.len() - 1
    }

    /// And is told this. What can't be told to anybody is a violation.
    pub(super) fn ends(&self, shop: &Shop, place: usize, reply: &Reply) -> Result<(), Violation> {
        let ended = self.moment(shop);
        if reply.is_to_be_repeated() {
            return Ok(());
        }
        let mut entries = self.entries.borrow_mut();
        let entry = &mut entries[place];
        let told = told(reply);
        let told = told.ok_or_else(|| {
            let (deed, status, text) = (entry.deed, reply.status, &reply.text);
            Violation(format!("{deed:?} was answered {status} {text}"))
        })?;
        (entry.ended, entry.told) = (Some(ended), Some(told));
        Ok(())
    }

    /// How much was done, and of how much of it the outcome is not known.
    pub(super) fn counts(&self) -> (u64, u64) {
        let entries = self.entries.borrow();
        let open = entries.iter().filter(|entry| entry.told.is_none()).count();
        (entries.len() as u64, open as u64)
    }

    fn moment(&self, shop: &Shop) -> Moment {
        let mut ticks = self.ticks.borrow_mut();
        *ticks += 1;
        let (tick, at) = (*ticks, shop.now());
        Moment { tick, at }
    }

    /// Whether there is an order of everything, each at one moment between its beginning and its end, that the life of
    /// an order explains.
    pub(super) fn is_explained(&self) -> Result<(), Violation> {
        let entries = self.entries.borrow();
        let mut events: Vec<(u64, usize, bool)> = Vec::new();
        for (thread, entry) in entries.iter().enumerate() {
            events.push((entry.began.tick, thread, true));
            events.extend(entry.ended.map(|ended| (ended.tick, thread, false)));
        }
        events.sort_unstable();
        // Threads beyond those of the entries: one for the schedule, and one for each entry's unheard attempt.
        let mut tester = LinearizabilityTester::new(Life::default());
        let mut expiry = Some(entries.len());
        let broken = |error: String| Violation(format!("no history at all: {error}"));
        for (_, thread, begins) in events {
            let entry = &entries[thread];
            let moment = if begins {
                Some(entry.began)
            } else {
                entry.ended
            };
            if moment.is_some_and(|moment| self.may_be_over(moment.at)) {
                // From here on the schedule may end what is not paid, if it ever comes by.
                if let Some(schedule) = expiry.take() {
                    let op = Op {
                        deed: Deed::Expire,
                        in_time: true,
                        too_late: true,
                        another_pays: false,
                    };
                    tester.on_invoke(schedule, op).map_err(broken)?;
                }
            }
            if begins {
                let op = self.op(&entries, entry);
                if entry.saw_what_came_later(&entries) {
                    let attempt = entries.len() + 1 + thread;
                    tester.on_invoke(attempt, op.clone()).map_err(broken)?;
                }
                tester.on_invoke(thread, op).map_err(broken)?;
            } else if let Some(told) = &entry.told {
                tester.on_return(thread, told.clone()).map_err(broken)?;
            }
        }
        if tester.serialized_history().is_some() {
            return Ok(());
        }
        let mut told = String::new();
        for entry in entries.iter() {
            let ended = entry.ended.map_or(0, |ended| ended.tick);
            told += &format!(
                "\n  {}-{ended} {:?}: {:?}",
                entry.began.tick, entry.deed, entry.told
            );
        }
        Err(Violation(format!("nothing explains this history:{told}")))
    }

    fn op(&self, entries: &[Entry], entry: &Entry) -> Op {
        let deed = entry.deed;
        let ended = |entry: &Entry| entry.ended.map_or(u64::MAX, |ended| ended.tick);
        let another_pays = entries.iter().any(|other| {
            let same_key = match (other.deed, deed) {
                (Deed::Pay(one, _), Deed::Pay(key, _)) => one == key,
                _ => true,
            };
            !same_key && other.began.tick < ended(entry) && ended(other) > entry.began.tick
        });
        let skew = i64::try_from(self.skew.as_millis()).unwrap_or(i64::MAX);
        let in_time = entry.began.at.as_millis() - skew <= self.expires_at.as_millis();
        let too_late = entry.ended.is_none_or(|ended| self.may_be_over(ended.at));
        Op {
            deed,
            in_time,
            too_late,
            another_pays,
        }
    }

    /// Whether to some clock the time to pay is over by then.
    fn may_be_over(&self, at: Timestamp) -> bool {
        at.plus(self.skew) >= self.expires_at
    }
}

impl Entry {
    /// Whether a move was answered with a status that it does not lead to, or with a later version than somebody else saw
    /// of the same status. Then the move was made before: by an earlier request, or by this one's own first attempt, of
    /// which its process did not hear. The contract has it answered by the order as it is; such an attempt stands in the
    /// history as one of unknown outcome.
    fn saw_what_came_later(&self, all: &[Self]) -> bool {
        let (Some(Told::Order(shown)), Some(to)) = (&self.told, leads_to(self.deed)) else {
            return false;
        };
        let earlier = |entry: &Self| match &entry.told {
            Some(Told::Order(seen)) => seen.status == to && seen.version < shown.version,
            _ => false,
        };
        shown.status != to || all.iter().any(earlier)
    }
}

/// What a reply tells; `None` when an order can't be answered so.
fn told(reply: &Reply) -> Option<Told> {
    let body = reply.json();
    let status = |value: &Value| OrderStatus::parse(value.as_str()?);
    if reply.is_success() {
        let history = body["history"].as_array()?.iter();
        return Some(Told::Order(Shown {
            status: status(&body["status"])?,
            history: history
                .map(|entry| status(&entry["status"]))
                .collect::<Option<_>>()?,
            version: body["version"].as_u64()?,
        }));
    }
    match (reply.status, reply.problem().as_str()) {
        (402, "payment-declined") => Some(Told::Declined),
        (409, "payment-pending") => Some(Told::Pending),
        (409, "invalid-transition") => Some(Told::Refused(status(&body["order_status"])?)),
        (410, "order-expired") => Some(Told::Expired),
        _ => None,
    }
}
