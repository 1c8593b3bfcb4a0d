//! Moving an order on: every change of status is a compare-and-set, and what returns stock returns it in the same
//! transaction.

use domain::{
    Allocation, Cause, CauseKind, Order, OrderEvent, OrderId, OrderStatus, Timestamp, UserId,
    order::{Party, Refund, Shipment},
};

use super::{Checkout, Orders, record::OrderRecord};
use crate::{
    catalogue::bucket,
    db::Applied,
    error::{Failure, StoreError},
    retry::ATTEMPTS,
    write::Write,
};

/// What somebody wants to happen to an order.
pub struct Advance {
    /// What.
    pub change: Change,
    /// Who acts, and in which part.
    pub by: Actor,
}

/// A move of an order, and what is noted with it.
pub enum Change {
    /// Nobody paid in time.
    Expire,
    /// It is called off.
    Cancel,
    /// It is handed to a carrier.
    Ship(Shipment),
    /// It arrived.
    Deliver,
    /// It is paid back.
    Refund(Refund),
}

impl Change {
    /// The event in the table of transitions.
    pub fn event(&self) -> OrderEvent {
        match self {
            Self::Expire => OrderEvent::Expire,
            Self::Cancel => OrderEvent::Cancel,
            Self::Ship(_) => OrderEvent::Ship,
            Self::Deliver => OrderEvent::Deliver,
            Self::Refund(_) => OrderEvent::Refund,
        }
    }

    /// Whether an order that was moved this way before was moved by the same request.
    fn is_what_happened_to(&self, record: &OrderRecord) -> bool {
        match self {
            Self::Ship(shipment) => record.order.shipment.as_ref() == Some(shipment),
            Self::Refund(refund) => record.refund.as_ref() == Some(refund),
            Self::Expire | Self::Cancel | Self::Deliver => true,
        }
    }

    /// Why stock returns with it; `None` when it does not.
    pub fn returns_stock(&self) -> Option<CauseKind> {
        match self {
            Self::Refund(Refund { restock: true, .. }) => Some(CauseKind::Refund),
            Self::Expire => Some(CauseKind::Expiry),
            Self::Cancel => Some(CauseKind::Cancellation),
            Self::Refund(_) | Self::Ship(_) | Self::Deliver => None,
        }
    }

    fn note_on(&self, record: &mut OrderRecord) {
        match self {
            Self::Ship(shipment) => record.order.shipment = Some(shipment.clone()),
            Self::Refund(refund) => record.refund = Some(refund.clone()),
            Self::Expire | Self::Cancel | Self::Deliver => {}
        }
    }
}

/// Who acts on an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A customer, who may act on their own orders only.
    Customer(UserId),
    /// One of the shop's people.
    Staff(UserId),
    /// The schedule.
    System,
}

/// Why an order was not moved on. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdvanceError {
    /// There is no such order, or it is somebody else's.
    #[error("there is no such order")]
    NotFound,
    /// It can't be done to an order that is where this one is.
    #[error("an order that is {} can't be {}", .status.as_str(), .event.leads_to().as_str())]
    Refused {
        /// What was to happen to it.
        event: OrderEvent,
        /// Where it is.
        status: OrderStatus,
    },
}

impl Actor {
    /// Its part in an order's history.
    pub fn party(&self) -> Party {
        match self {
            Self::Customer(_) => Party::Customer,
            Self::Staff(_) => Party::Staff,
            Self::System => Party::System,
        }
    }

    /// Whether it may know of and act on an order.
    pub fn may_see(&self, record: &OrderRecord) -> bool {
        match self {
            Self::Customer(id) => record.customer == *id,
            Self::Staff(_) | Self::System => true,
        }
    }

    fn id(&self) -> String {
        match self {
            Self::Customer(id) | Self::Staff(id) => id.to_string(),
            Self::System => "system".into(),
        }
    }
}

/// What a move comes to before anything is written.
pub enum Ready {
    /// It was made already, the same way.
    Done,
    /// It may be made, and the order becomes this.
    Move(Box<OrderRecord>),
}

impl Orders {
    /// Moves an order on by a change that touches no stock.
    pub async fn advance(
        &self,
        id: &OrderId,
        advance: &Advance,
    ) -> Result<Order, StoreError<AdvanceError>> {
        self.advance_and(id, advance, |_| Vec::new()).await
    }

    /// Moves an order on, and writes what else belongs to that in the same transaction.
    async fn advance_and(
        &self,
        id: &OrderId,
        advance: &Advance,
        and: impl Fn(&OrderRecord) -> Vec<Write>,
    ) -> Result<Order, StoreError<AdvanceError>> {
        for _ in 0..ATTEMPTS {
            let found = self.find(id).await?;
            let before = found.ok_or(StoreError::Refused(AdvanceError::NotFound))?;
            let ready = advance.of(&before, self.now());
            let after = match ready.map_err(StoreError::Refused)? {
                Ready::Done => return Ok(before.order),
                Ready::Move(after) => *after,
            };
            let change = before.change_to(&after, &self.table);
            let also = and(&before);
            let moved = if also.is_empty() {
                self.db.write(change).await.applied()?
            } else {
                let writes: Vec<Write> = std::iter::once(change).chain(also).collect();
                self.db.transact(&writes).await.applied()?
            };
            if moved {
                return Ok(after.order);
            }
        }
        Err(Failure::kept_changing("the order kept changing").into())
    }
}

impl Checkout {
    /// Moves an order on like [`Checkout::advance_returning_stock`], unless somebody else has moved it on meanwhile: true if
    /// this did it.
    pub(super) async fn advance_if_possible(
        &self,
        id: &OrderId,
        advance: &Advance,
    ) -> Result<bool, Failure> {
        match self.advance_returning_stock(id, advance).await {
            Ok(_) => Ok(true),
            Err(StoreError::Refused(AdvanceError::Refused { .. } | AdvanceError::NotFound)) => {
                Ok(false)
            }
            Err(StoreError::Failed(failure)) => Err(failure),
        }
    }

    /// Moves an order on by a change that returns its stock to where it came from.
    pub async fn advance_returning_stock(
        &self,
        id: &OrderId,
        advance: &Advance,
    ) -> Result<Order, StoreError<AdvanceError>> {
        let returned = |record: &OrderRecord| self.stock_returned(record, advance);
        self.orders.advance_and(id, advance, returned).await
    }

    fn stock_returned(&self, record: &OrderRecord, advance: &Advance) -> Vec<Write> {
        let Some(kind) = advance.change.returns_stock() else {
            return Vec::new();
        };
        let cause = Cause {
            kind,
            id: record.order.id.to_string(),
            actor: advance.by.id(),
        };
        let returned = |Allocation {
                            line,
                            bucket,
                            quantity,
                        }: &Allocation| {
            let item = record.order.items.get(usize::from(*line))?;
            Some(bucket::give_back(
                &self.catalogue.table,
                &item.product_id,
                *bucket,
                *quantity,
                &cause,
            ))
        };
        record.allocations.0.iter().filter_map(returned).collect()
    }
}

impl Advance {
    /// What the move comes to for an order that was found like this.
    pub fn of(&self, before: &OrderRecord, now: Timestamp) -> Result<Ready, AdvanceError> {
        if !self.by.may_see(before) {
            return Err(AdvanceError::NotFound);
        }
        let event = self.change.event();
        let reached = event.leads_to();
        let done = before
            .order
            .history
            .iter()
            .any(|entry| entry.status == reached);
        if done && self.change.is_what_happened_to(before) {
            return Ok(Ready::Done);
        }
        // The schedule's own expiry is what an order past its time still needs; to everybody else it is over.
        let status = match self.change {
            Change::Expire => before.order.status,
            _ => before.order.clone().shown_at(now).status,
        };
        let Some(to) = status.after(event) else {
            return Err(AdvanceError::Refused { event, status });
        };
        let mut after = before.next();
        after.reach(to, now, self.by.party());
        self.change.note_on(&mut after);
        if matches!(
            to,
            OrderStatus::Cancelled | OrderStatus::Refunded | OrderStatus::Expired
        ) {
            after.steps.owe_everything_back(now);
        }
        Ok(Ready::Move(Box::new(after)))
    }
}
