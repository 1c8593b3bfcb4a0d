//! The life of an order as the contract tells it, one thing after another: what may be answered to what, and what that
//! leads to. It shares no code with the shop.

use std::collections::BTreeMap;

use domain::OrderStatus::{self, Cancelled, Delivered, Expired, Paid, Placed, Refunded, Shipped};
use stateright::semantics::SequentialSpec;

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// Pays, with this Idempotency-Key and means of payment.
    Pay(&'static str, &'static str),
    Cancel,
    /// Ships, with this carrier.
    Ship(&'static str),
    Deliver,
    /// Refunds, restocking or not.
    Refund(bool),
    Look,
    /// The schedule ends what nobody paid for.
    Expire,
}

/// Something that is done to an order, and what is known of the moment.
#[derive(Clone, Debug)]
pub(super) struct Op {
    pub(super) deed: Deed,
    /// To some clock the time to pay is not over.
    pub(super) in_time: bool,
    /// To some clock it is.
    pub(super) too_late: bool,
    /// The outcome of another payment may be unknown.
    pub(super) another_pays: bool,
}

/// What somebody is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// The order.
    Order(Shown),
    /// That it can't be done to an order with this status.
    Refused(OrderStatus),
    Declined,
    Expired,
    /// That the outcome of another payment is not known.
    Pending,
    /// Nothing that anybody has heard.
    Nothing,
}

/// An order as it was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) status: OrderStatus,
    pub(super) history: Vec<OrderStatus>,
    pub(super) version: u64,
}

/// Where an order is in its life.
#[derive(Clone, Debug)]
pub(super) struct Life {
    /// Every status it had.
    history: Vec<OrderStatus>,
    /// It has at least this version.
    version: u64,
    carrier: Option<&'static str>,
    restocked: Option<bool>,
    paid_with: Option<&'static str>,
    /// What each key of a payment was answered first, if that was heard: the history at the time, or that it was
    /// declined.
    answers: BTreeMap<&'static str, Option<Vec<OrderStatus>>>,
}

impl Default for Life {
    fn default() -> Self {
        Self {
            history: vec![Placed],
            version: 1,
            carrier: None,
            restocked: None,
            paid_with: None,
            answers: BTreeMap::new(),
        }
    }
}

/// The moves there are.
fn moved(from: OrderStatus, deed: Deed) -> Option<OrderStatus> {
    match (from, deed) {
        (Placed, Deed::Pay(..)) => Some(Paid),
        (Placed, Deed::Expire) => Some(Expired),
        (Placed | Paid, Deed::Cancel) => Some(Cancelled),
        (Paid, Deed::Ship(_)) => Some(Shipped),
        (Shipped, Deed::Deliver) => Some(Delivered),
        (Paid | Shipped | Delivered, Deed::Refund(_)) => Some(Refunded),
        _ => None,
    }
}

/// Where a move leads that is answered by the order as it is.
pub(super) fn leads_to(deed: Deed) -> Option<OrderStatus> {
    match deed {
        Deed::Cancel => Some(Cancelled),
        Deed::Ship(_) => Some(Shipped),
        Deed::Deliver => Some(Delivered),
        Deed::Refund(_) => Some(Refunded),
        Deed::Pay(..) | Deed::Expire | Deed::Look => None,
    }
}

impl SequentialSpec for Life {
    type Op = Op;
    type Ret = Told;

    /// What comes of something of which nobody has heard an answer: it is done, if it can be.
    fn invoke(&mut self, op: &Op) -> Told {
        let status = self.status();
        if let Deed::Pay(key, token) = op.deed {
            if self.answers.contains_key(key) {
                return Told::Nothing;
            }
            if status != Placed {
                // As a further key of what paid it, it has an answer from now on.
                if self.paid_with == Some(token) {
                    self.answers.insert(key, Some(self.history.clone()));
                }
                return Told::Nothing;
            }
            if !op.in_time {
                return Told::Nothing;
            }
            if token == DECLINED {
                self.answers.insert(key, None);
                return Told::Nothing;
            }
        }
        if let Some(to) = moved(status, op.deed).filter(|_| status != Placed || op.in_time) {
            self.moves(to, op.deed);
            self.version += 1;
        }
        Told::Nothing
    }

    fn is_valid_step(&mut self, op: &Op, told: &Told) -> bool {
        match op.deed {
            Deed::Look => match told {
                Told::Order(shown) => {
                    self.may_show(op, shown.status)
                        && shown.history == self.history
                        && self.sees(shown.version)
                }
                _ => false,
            },
            Deed::Pay(key, token) => self.pays(op, key, token, told),
            _ => self.advances(op, told),
        }
    }
}

/// The means of payment that the provider declines.
pub(super) const DECLINED: &str = "tok_declined";

impl Life {
    fn status(&self) -> OrderStatus {
        self.history.last().copied().unwrap_or(Placed)
    }

    /// Whether the order may be taken to be in this status: an unpaid one past its time is expired, by some clock.
    fn may_show(&self, op: &Op, status: OrderStatus) -> bool {
        match (self.status(), status) {
            (Placed, Placed) => op.in_time,
            (Placed, Expired) => op.too_late,
            (is, shown) => is == shown,
        }
    }

    /// A version that is seen is none of the past.
    fn sees(&mut self, version: u64) -> bool {
        let sound = version >= self.version;
        self.version = version;
        sound
    }

    fn moves(&mut self, to: OrderStatus, deed: Deed) {
        self.history.push(to);
        match deed {
            Deed::Pay(key, token) => {
                self.paid_with = Some(token);
                self.answers.insert(key, Some(self.history.clone()));
            }
            Deed::Ship(carrier) => self.carrier = Some(carrier),
            Deed::Refund(restock) => self.restocked = Some(restock),
            Deed::Cancel | Deed::Deliver | Deed::Expire | Deed::Look => {}
        }
    }

    /// A move that was made already is answered again if it was the same one.
    fn was_made(&self, deed: Deed) -> bool {
        match deed {
            Deed::Cancel => self.history.contains(&Cancelled),
            Deed::Deliver => self.history.contains(&Delivered),
            Deed::Ship(carrier) => self.carrier == Some(carrier),
            Deed::Refund(restock) => self.restocked == Some(restock),
            Deed::Pay(..) | Deed::Expire | Deed::Look => false,
        }
    }

    fn advances(&mut self, op: &Op, told: &Told) -> bool {
        let status = self.status();
        match told {
            Told::Order(shown) if self.was_made(op.deed) => {
                shown.status == status && shown.history == self.history && self.sees(shown.version)
            }
            Told::Order(shown) => {
                let to = moved(status, op.deed).filter(|_| status != Placed || op.in_time);
                let Some(to) = to else { return false };
                self.moves(to, op.deed);
                self.version += 1;
                shown.status == to && shown.history == self.history && self.sees(shown.version)
            }
            Told::Refused(shown) => {
                !self.was_made(op.deed)
                    && self.may_show(op, *shown)
                    && moved(*shown, op.deed).is_none()
            }
            _ => false,
        }
    }

    fn pays(&mut self, op: &Op, key: &'static str, token: &'static str, told: &Told) -> bool {
        let status = self.status();
        if let Some(answer) = self.answers.get(key) {
            return match (answer, told) {
                (None, Told::Declined) => true,
                (Some(history), Told::Order(shown)) => shown.history == *history,
                _ => false,
            };
        }
        match told {
            Told::Order(shown) if status == Placed => {
                self.moves(Paid, op.deed);
                self.version += 1;
                op.in_time
                    && token != DECLINED
                    && shown.status == Paid
                    && shown.history == self.history
                    && self.sees(shown.version)
            }
            // It is paid already, with the same means of payment under another key: that is what was asked for.
            Told::Order(shown) => {
                self.answers.insert(key, Some(self.history.clone()));
                self.paid_with == Some(token)
                    && shown.status == status
                    && shown.history == self.history
                    && self.sees(shown.version)
            }
            Told::Declined => {
                self.answers.insert(key, None);
                status == Placed && op.in_time && token == DECLINED
            }
            Told::Expired => self.may_show(op, Expired),
            Told::Refused(shown) => {
                *shown == status
                    && ![Placed, Expired].contains(&status)
                    && self.paid_with != Some(token)
            }
            Told::Pending => op.another_pays,
            Told::Nothing => false,
        }
    }
}
