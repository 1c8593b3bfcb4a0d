//! What can happen in the model. Every decision is made by the functions that make it in production; the model adds what
//! DynamoDB and the provider do, and everything that can go wrong in between.

use std::{collections::BTreeSet, sync::Mutex};

use domain::{
    Timestamp,
    order::{Refund, Shipment},
    payment::StepKind,
};
use store::orders::{
    advance::{Actor, Advance, Change, Ready},
    intent::Intent,
};

use super::{
    state::{At, Buyer, EARLY, Entry, Row, State, Write, late},
    steps::charge_or_close,
};

/// How large a model is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
    /// Who buys.
    pub(super) buyers: usize,
    /// With how many Idempotency-Keys each pays.
    pub(super) keys: usize,
    /// Up to which number of steps with the provider an order may still be paid.
    pub(super) last_step: u32,
    /// How many requests are served at a time.
    pub(super) processes: usize,
    /// Whether writes arrive late and twice.
    pub(super) late_writes: bool,
    /// Whether what is paid is shipped.
    pub(super) ships: bool,
}

/// A model of the shop.
pub(super) struct Model {
    pub(super) scope: Scope,
    /// Orders, as they stand with the provider, that the schedule was seen to bring to their end.
    pub(super) settled: Mutex<BTreeSet<String>>,
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// A buyer places an order.
    Place(Buyer),
    /// A process reads an order, by this clock, and decides what to do about it.
    Read(Buyer, Asked, Timestamp),
    /// A process does what is next.
    Go(usize, Way),
    /// A process dies.
    Die(usize),
    /// A process dies with its write under way.
    DieWriting(usize),
    /// A write arrives that was under way.
    Land,
    /// The time to pay ends.
    TimeIsOver,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// To pay, with this key.
    Pay(usize),
    Cancel,
    Ship,
    Deliver,
    Refund {
        restock: bool,
    },
    /// Nothing: the schedule comes by.
    Settle,
}

/// How a step of a process goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// A write is done, and the process's clock shows this.
    Write(Timestamp),
    /// A write is done, and will arrive a second time.
    WriteTwice(Timestamp),
    /// The provider makes this of a charge that it does not know yet.
    Provider(Entry),
    /// The order is read, by this clock.
    Read(Timestamp),
}

impl stateright::Model for Model {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            orders: vec![None; self.scope.buyers],
            stock: [(1, 0); 2],
            ledger: Default::default(),
            processes: Vec::new(),
            landing: None,
            late: false,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let clocks = if state.late {
            // A clock may be behind.
            vec![EARLY, late()]
        } else {
            vec![EARLY]
        };
        actions.extend((0..self.scope.buyers).map(Action::Place));
        if state.processes.len() < self.scope.processes {
            let mut asked = vec![
                Asked::Cancel,
                Asked::Refund { restock: true },
                Asked::Refund { restock: false },
                Asked::Settle,
            ];
            asked.extend((0..self.scope.keys).map(Asked::Pay));
            if self.scope.ships {
                asked.extend([Asked::Ship, Asked::Deliver]);
            }
            for buyer in 0..self.scope.buyers {
                for asked in &asked {
                    let read = |clock: &Timestamp| Action::Read(buyer, *asked, *clock);
                    actions.extend(clocks.iter().map(read));
                }
            }
        }
        for (index, (buyer, at)) in state.processes.iter().enumerate() {
            let ways: Vec<Way> = match at {
                At::Writes(..) => clocks.iter().map(|now| Way::Write(*now)).collect(),
                At::Charges(step) if !state.ledger.contains_key(&(*buyer, *step)) => {
                    [Entry::Charged, Entry::Declined, Entry::Closed]
                        .map(Way::Provider)
                        .into()
                }
                At::Charges(_) | At::Closes(_) | At::GivesBack { .. } => {
                    vec![Way::Provider(Entry::Closed)]
                }
                At::Knows(..) => clocks.iter().map(|now| Way::Read(*now)).collect(),
            };
            actions.extend(ways.into_iter().map(|way| Action::Go(index, way)));
            if matches!(at, At::Writes(..)) && self.scope.late_writes && state.landing.is_none() {
                let twice = clocks.iter().map(|now| Way::WriteTwice(*now));
                actions.extend(twice.map(|way| Action::Go(index, way)));
                actions.push(Action::DieWriting(index));
            }
            actions.push(Action::Die(index));
        }
        actions.push(Action::Land);
        actions.push(Action::TimeIsOver);
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        // Most of what may be asked for is refused, and costs no copy.
        let decided = match &action {
            Action::Read(buyer, asked, now) => Some(self.decide(last, *buyer, *asked, *now)?),
            Action::Place(buyer) if last.orders[*buyer].is_some() => return None,
            Action::TimeIsOver if last.late => return None,
            Action::Land if last.landing.is_none() => return None,
            _ => None,
        };
        let mut state = last.clone();
        match action {
            Action::Place(buyer) => state.place(buyer)?,
            Action::Read(buyer, ..) => state.processes.extend(decided.map(|at| (buyer, at))),
            Action::Go(index, way) => {
                let (buyer, at) = state.processes.remove(index);
                let next = state.go(buyer, at, way);
                state.processes.extend(next.map(|at| (buyer, at)));
            }
            Action::Die(index) => {
                state.processes.remove(index);
            }
            Action::DieWriting(index) => {
                let (_, at) = state.processes.remove(index);
                let At::Writes(write, _) = at else {
                    return None;
                };
                state.landing = Some(write);
            }
            Action::Land => {
                let write = state.landing.take()?;
                state.write(&write);
            }
            Action::TimeIsOver => state.late = true,
        }
        // Which of two processes came first makes no difference.
        if state.processes.len() > 1 {
            state
                .processes
                .sort_by_cached_key(|process| format!("{process:?}"));
        }
        Some(state)
    }

    fn properties(&self) -> Vec<stateright::Property<Self>> {
        super::properties::all()
    }
}

impl Model {
    pub(super) fn new(scope: Scope) -> Self {
        let settled = Mutex::default();
        Self { scope, settled }
    }

    /// What a request that reads this order does about it; `None` when that is nothing, or more than the model has.
    fn decide(&self, state: &State, buyer: Buyer, asked: Asked, now: Timestamp) -> Option<At> {
        let before = state.orders[buyer].as_ref()?;
        let record = before.record();
        let change = match asked {
            Asked::Pay(key) => return self.pay(buyer, before, key, now),
            Asked::Settle => return settle(buyer, before, now),
            Asked::Cancel => Change::Cancel,
            Asked::Ship => Change::Ship(Shipment {
                carrier: "Ox".to_owned(),
                tracking_number: None,
            }),
            Asked::Deliver => Change::Deliver,
            Asked::Refund { restock } => Change::Refund(Refund {
                restock,
                reason: None,
            }),
        };
        let by = Actor::Customer(record.customer.clone());
        moves(buyer, before, Advance { change, by }, now)
    }

    fn pay(&self, buyer: Buyer, before: &Row, key: usize, now: Timestamp) -> Option<At> {
        let record = before.record();
        let key = format!("key-{key}");
        match record.intent(&key, &key, now).ok()? {
            Intent::GoesOn(number) => Some(charge_or_close(record, number, now)),
            Intent::Charge(after, number) if number <= self.scope.last_step => {
                let write = Write {
                    order: buyer,
                    before: before.clone(),
                    after: Row::of(*after),
                    returns_stock: false,
                };
                Some(At::Writes(write, Some(number)))
            }
            Intent::Charge(..) | Intent::PaidAlready | Intent::ReadAgain => None,
        }
    }
}

/// What the schedule does about an order, if it is due.
fn settle(buyer: Buyer, before: &Row, now: Timestamp) -> Option<At> {
    let record = before.record();
    if record.next_action_at().is_none_or(|at| at > now) {
        return None;
    }
    if record.order.is_overdue(now) {
        let expire = Advance {
            change: Change::Expire,
            by: Actor::System,
        };
        return moves(buyer, before, expire, now);
    }
    let step = record.due_steps(now).next()?;
    Some(match step.kind {
        StepKind::Charge { .. } => At::Closes(step.number),
        StepKind::GiveBack { charge } => At::GivesBack {
            step: step.number,
            charge,
        },
    })
}

fn moves(buyer: Buyer, before: &Row, advance: Advance, now: Timestamp) -> Option<At> {
    let Ok(Ready::Move(after)) = advance.of(before.record(), now) else {
        return None;
    };
    let write = Write {
        order: buyer,
        before: before.clone(),
        after: Row::of(*after),
        returns_stock: advance.change.returns_stock().is_some(),
    };
    Some(At::Writes(write, None))
}
