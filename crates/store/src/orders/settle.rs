//! Settling orders: expiring what is unpaid and finishing every step that is owed, with no client waiting.

use domain::{
    OrderEvent, OrderId, OrderStatus, Timestamp,
    payment::{Step, StepKind, StepState, Steps},
};

use super::{
    Checkout,
    advance::{Actor, Advance, AdvanceError},
    record::OrderRecord,
};
use crate::{
    db::{Applied, Query},
    error::{Because, Corrupt, Failure, StoreError},
    item::Item,
    keys,
    payment::{GiveBack, PaymentProvider},
    retry::ATTEMPTS,
};
use aws_sdk_dynamodb::types::AttributeValue;

/// What a round of settling did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Settled {
    /// Orders that were due.
    pub due: usize,
    /// Unpaid orders that expired.
    pub expired: usize,
    /// Charges whose outcome was found out.
    pub charges: usize,
    /// Charges that were given back.
    pub given_back: usize,
    /// Orders that could not be settled and wait for the next round.
    pub left: usize,
}

/// The most orders of a shard looked at in a round.
const MOST_A_SHARD: i32 = 100;

impl Checkout {
    /// Settles every order that is due. One that can't be settled is logged and does not keep the others waiting.
    pub async fn settle(&self, provider: &dyn PaymentProvider) -> Result<Settled, Failure> {
        let mut settled = Settled::default();
        for shard in 0..keys::DUE_SHARDS {
            for order in self.due(shard).await? {
                settled.due += 1;
                let (order, done) = match order {
                    Ok(id) => {
                        let done = self.settle_one(&id, provider, &mut settled).await;
                        (id.to_string(), done)
                    }
                    Err(corrupt) => (corrupt.item.clone(), Err(corrupt.into())),
                };
                if let Err(failure) = done {
                    settled.left += 1;
                    tracing::warn!(
                        order,
                        error = &failure as &dyn std::error::Error,
                        "an order could not be settled"
                    );
                }
            }
        }
        Ok(settled)
    }

    async fn due(&self, shard: u8) -> Result<Vec<Result<OrderId, Corrupt>>, Failure> {
        let hash = keys::due_shard(shard);
        let now = AttributeValue::N(self.db().now().as_millis().to_string());
        let query = Query {
            table: &self.orders.table,
            index: Some(keys::DUE),
            hash: ("due", &hash),
            range: Some(("next_action_at", "<=", now)),
            ascending: true,
            limit: MOST_A_SHARD,
            start: None,
        };
        let page = self.db().query(query).await?;
        let id = |item: &Item| item.parsed("pk", keys::parse_order);
        Ok(page.items.iter().map(id).collect())
    }

    async fn settle_one(
        &self,
        id: &OrderId,
        provider: &dyn PaymentProvider,
        settled: &mut Settled,
    ) -> Result<(), Failure> {
        let Some(record) = self.orders.find(id).await? else {
            return Ok(());
        };
        let now = self.db().now();
        if record.order.is_overdue(now) {
            let expire = Advance {
                event: OrderEvent::Expire,
                by: Actor::System,
                shipment: None,
            };
            match self.advance_returning_stock(id, &expire).await {
                Ok(_) => settled.expired += 1,
                // It was paid or cancelled a moment before.
                Err(StoreError::Refused(AdvanceError::Refused { .. } | AdvanceError::NotFound)) => {
                }
                Err(StoreError::Failed(failure)) => return Err(failure),
            }
        }
        let Some(record) = self.orders.find(id).await? else {
            return Ok(());
        };
        for step in record
            .steps
            .pending()
            .filter(|step| is_due(step, &record, now))
        {
            let key = Steps::provider_key(id, step.number);
            match &step.kind {
                StepKind::Charge { .. } => {
                    let outcome = provider.close(&key).await;
                    match self.orders.finish_charge(id, step.number, outcome).await {
                        Ok(_) | Err(StoreError::Refused(_)) => settled.charges += 1,
                        Err(StoreError::Failed(failure)) => return Err(failure),
                    }
                }
                StepKind::GiveBack { charge } => {
                    let charge_key = Steps::provider_key(id, *charge);
                    match provider
                        .give_back(&key, &charge_key, record.order.total)
                        .await
                    {
                        GiveBack::Made(given_back) => {
                            self.note_given_back(id, step.number, given_back).await?
                        }
                        GiveBack::Unknown(source) => return Err(Failure::OutcomeUnknown(source)),
                    }
                    settled.given_back += 1;
                }
            }
        }
        Ok(())
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
            let mut after = before.next();
            after.steps.settle(
                number,
                StepState::Done {
                    id: given_back.clone(),
                },
            );
            let change = before.change_to(&after, &self.orders.table);
            if self.db().write(change).await.applied()? {
                return Ok(());
            }
        }
        Err(Failure::Busy(Box::new(Because("the order kept changing"))))
    }
}

/// A charge is left to whoever makes it for a while, unless its order is gone; what is owed back is due at once.
fn is_due(step: &Step, record: &OrderRecord, now: Timestamp) -> bool {
    let abandoned = record.next_action_at().is_some_and(|at| at <= now)
        || record.order.status != OrderStatus::Placed;
    matches!(step.kind, StepKind::GiveBack { .. }) || abandoned
}
