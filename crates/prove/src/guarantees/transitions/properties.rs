//! What must hold in every state of the model.

use std::collections::BTreeSet;

use domain::{
    OrderStatus::{self, Cancelled, Delivered, Expired, Paid, Placed, Refunded, Shipped},
    payment::{StepKind, StepState},
};
use stateright::{Model as _, Property};

use super::{
    model::{Action, Asked, Model, Way},
    state::{At, Buyer, Entry, Row, State, late},
};

/// The moves that the contract allows, written down here once more.
const MOVES: [(OrderStatus, OrderStatus); 9] = [
    (Placed, Paid),
    (Paid, Shipped),
    (Shipped, Delivered),
    (Placed, Expired),
    (Placed, Cancelled),
    (Paid, Cancelled),
    (Paid, Refunded),
    (Shipped, Refunded),
    (Delivered, Refunded),
];

/// Rounds after which the schedule is taken to go on for ever.
const FOR_EVER: usize = 20;

/// All properties, and states that must come up at all.
pub(super) fn all() -> Vec<Property<Model>> {
    vec![
        Property::always("pieces add up", |_, state| pieces_add_up(state)),
        Property::always("only moves of the table", |_, state| {
            orders(state).all(|(_, row)| moves_are_allowed(row))
        }),
        Property::always("only a paid order keeps a charge, and one", |_, state| {
            orders(state).all(|(_, row)| keeps_what_is_paid(row))
        }),
        Property::always("the provider's charges are on the order", |_, state| {
            orders(state).all(|(buyer, row)| ledger_agrees(state, buyer, row))
        }),
        Property::always(
            "nothing is given back twice, or kept and given back",
            |_, state| orders(state).all(|(buyer, row)| given_back_once(state, buyer, row)),
        ),
        // A process can die anywhere, so what the schedule finds when all are gone is all it ever finds.
        Property::always(
            "the schedule alone brings everything to its end",
            |model, state: &State| {
                !state.processes.is_empty() || state.landing.is_some() || ends(model, state)
            },
        ),
        Property::sometimes("delivered", |model: &Model, state| {
            any(state, Delivered) || !model.scope.ships
        }),
        Property::sometimes("refunded", |_, state| any(state, Refunded)),
        Property::sometimes("expired", |_, state| any(state, Expired)),
        Property::sometimes("cancelled", |_, state| any(state, Cancelled)),
        Property::sometimes(
            "charged when it was too late, and given back",
            |_, state| {
                let late = |row: &Row| {
                    let record = row.record();
                    let done = |step: &&domain::payment::Step| {
                        matches!(
                            (&step.kind, &step.state),
                            (StepKind::GiveBack { .. }, StepState::Done { .. })
                        )
                    };
                    record.order.payment.is_none() && record.steps.0.iter().any(|step| done(&step))
                };
                orders(state).any(|(_, row)| late(row))
            },
        ),
    ]
}

fn orders(state: &State) -> impl Iterator<Item = (Buyer, &Row)> {
    let orders = state.orders.iter().enumerate();
    orders.filter_map(|(buyer, row)| Some((buyer, row.as_ref()?)))
}

fn any(state: &State, status: OrderStatus) -> bool {
    orders(state).any(|(_, row)| row.record().order.status == status)
}

fn pieces_add_up(state: &State) -> bool {
    let held = |product: usize| -> i64 {
        let holding = orders(state).filter(|(_, row)| row.record().holds_stock());
        holding
            .map(|(buyer, _)| super::state::WANTED[buyer][product])
            .sum()
    };
    let products = state.stock.iter().enumerate();
    products
        .map(|(product, (available, taken))| (*available, *taken, held(product)))
        .all(|(available, taken, held)| available >= 0 && available + taken == 1 && taken == held)
}

fn moves_are_allowed(row: &Row) -> bool {
    let order = &row.record().order;
    let history: Vec<OrderStatus> = order.history.iter().map(|entry| entry.status).collect();
    history.first() == Some(&Placed)
        && history.last() == Some(&order.status)
        && history
            .windows(2)
            .all(|two| MOVES.contains(&(two[0], two[1])))
}

fn keeps_what_is_paid(row: &Row) -> bool {
    let record = row.record();
    let paid = matches!(record.order.status, Paid | Shipped | Delivered);
    record.steps.kept_charges().len() == usize::from(paid)
}

/// Every charge that the provider made is one whose outcome the order knows or will ask for.
fn ledger_agrees(state: &State, buyer: Buyer, row: &Row) -> bool {
    let record = row.record();
    of_order(state, buyer).all(|(number, entry)| {
        let step = record.steps.0.iter().find(|step| step.number == number);
        let state = step.map(|step| &step.state);
        let open = matches!(state, Some(StepState::Pending));
        let done = matches!(state, Some(StepState::Done { .. }));
        match entry {
            Entry::Charged | Entry::GaveBack(_) => open || done,
            Entry::Declined | Entry::Closed => !done,
        }
    })
}

fn given_back_once(state: &State, buyer: Buyer, row: &Row) -> bool {
    let given_back: Vec<u32> = of_order(state, buyer)
        .filter_map(|(_, entry)| match entry {
            Entry::GaveBack(charge) => Some(charge),
            _ => None,
        })
        .collect();
    let distinct: BTreeSet<u32> = given_back.iter().copied().collect();
    let kept = row.record().steps.kept_charges();
    distinct.len() == given_back.len()
        && distinct.iter().all(|charge| {
            state.ledger.get(&(buyer, *charge)) == Some(&Entry::Charged) && !kept.contains(charge)
        })
}

fn of_order(state: &State, buyer: Buyer) -> impl Iterator<Item = (u32, Entry)> {
    let lines = state.ledger.iter();
    lines.filter_map(move |((of, number), entry)| (*of == buyer).then_some((*number, *entry)))
}

/// Whether the schedule, with nobody else there and nothing going wrong, leaves nothing to do. What it does about an
/// order follows from the order and the provider alone, so each is looked at once.
fn ends(model: &Model, state: &State) -> bool {
    orders(state).all(|(buyer, row)| {
        let lines: Vec<_> = of_order(state, buyer).collect();
        let order = format!("{buyer} {row:?} {lines:?}");
        let mut settled = model.settled.lock().unwrap_or_else(|it| it.into_inner());
        settled.contains(&order) || order_ends(model, state, buyer) && settled.insert(order)
    })
}

fn order_ends(model: &Model, state: &State, buyer: Buyer) -> bool {
    let mut state = State {
        late: true,
        ..state.clone()
    };
    let settle = Action::Read(buyer, Asked::Settle, late());
    for _ in 0..FOR_EVER {
        let Some(mut next) = model.next_state(&state, settle.clone()) else {
            return orders(&state)
                .filter(|(of, _)| *of == buyer)
                .all(|(_, row)| is_settled(&state, buyer, row));
        };
        while let Some((_, at)) = next.processes.first() {
            let way = match at {
                At::Writes(..) => Way::Write(late()),
                At::Knows(..) => Way::Read(late()),
                At::Charges(_) | At::Closes(_) | At::GivesBack { .. } => {
                    Way::Provider(Entry::Closed)
                }
            };
            let Some(after) = model.next_state(&next, Action::Go(0, way)) else {
                return false;
            };
            next = after;
        }
        state = next;
    }
    false
}

/// Nothing waits, and the provider has kept what the order is paid with and no more.
fn is_settled(state: &State, buyer: Buyer, row: &Row) -> bool {
    let record = row.record();
    let lines = || of_order(state, buyer).map(|(_, entry)| entry);
    let charged = lines().filter(|entry| *entry == Entry::Charged).count();
    let given_back = lines()
        .filter(|entry| matches!(entry, Entry::GaveBack(_)))
        .count();
    let paid = matches!(record.order.status, Paid | Shipped | Delivered);
    record.order.status != Placed
        && record.steps.pending().next().is_none()
        && record.next_action_at().is_none()
        && charged == given_back + usize::from(paid)
}
