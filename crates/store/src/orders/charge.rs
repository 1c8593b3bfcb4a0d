//! What becomes of an order by the outcome of a charge.

use domain::{
    Fingerprint, OrderId, OrderStatus, Timestamp,
    order::{HistoryEntry, Party, Payment},
    payment::{Step, StepKind, StepState},
};

use super::{
    Orders,
    pay::{PayError, Paying, answer_again, is_payable, too_late},
    record::OrderRecord,
};
use crate::{
    answer::{Answer, Remembered},
    db::Applied,
    error::{Failure, Source, StoreError},
    item::json,
    keys,
    payment::Charge,
    retry::ATTEMPTS,
    write::{Is, Write},
};

impl Orders {
    /// Writes down what became of charge `number`, with the answer its key has from now on.
    pub(super) async fn finish_charge(
        &self,
        id: &OrderId,
        number: u32,
        outcome: Result<Charge, Source>,
    ) -> Paying<Answer> {
        let outcome = outcome.map_err(Failure::OutcomeUnknown)?;
        match self.write_outcome(id, number, &outcome).await {
            // The charge is known but not written down, so it would be a lie that nothing happened: the same key, or
            // the schedule, writes it down.
            Err(StoreError::Failed(Failure::Busy(source))) => {
                Err(Failure::OutcomeUnknown(source).into())
            }
            answer => answer,
        }
    }

    async fn write_outcome(&self, id: &OrderId, number: u32, outcome: &Charge) -> Paying<Answer> {
        for _ in 0..ATTEMPTS {
            let before = self
                .find(id)
                .await?
                .ok_or(StoreError::Refused(PayError::NotFound))?;
            let Some(step) = before.steps.0.iter().find(|step| step.number == number) else {
                // Only a step that was never taken is forgotten.
                return Err(StoreError::Refused(PayError::Unreachable));
            };
            if step.state != StepState::Pending {
                match self.finished_elsewhere(&before, step).await? {
                    Some(answer) => return Ok(answer),
                    None => continue,
                }
            }
            let now = self.db.now();
            let deleted = self.is_deleted(&before.customer).await?;
            let payable = is_payable(&before, now) && !deleted;
            let Outcome {
                after,
                answer,
                result,
            } = outcome_of(&before, step, outcome, payable, now);
            let change = before.change_to(&after, &self.table);
            let mut writes = if after.order.status == OrderStatus::Paid {
                let in_time = change.only_if("expires_at", Is::MoreThan(now.as_millis()));
                vec![in_time, self.not_deleted(&before.customer)]
            } else {
                vec![change]
            };
            if let (Some(remembered), StepKind::Charge { key, .. }) = (answer, &step.kind) {
                writes.push(Write::put(
                    &self.table,
                    remembered.item(keys::payment(id, key)),
                ));
            }
            if self.db.transact(&writes).await.applied()? {
                if deleted && matches!(outcome, Charge::Made(_)) {
                    return Err(StoreError::Refused(PayError::AccountDeleted));
                }
                return result;
            }
        }
        Err(Failure::kept_changing("the order kept changing").into())
    }

    /// The answer when somebody else wrote down what became of a charge; `None` when it is to be read again, since one
    /// read may see the order's part of that transaction before the answer's.
    async fn finished_elsewhere(
        &self,
        record: &OrderRecord,
        step: &Step,
    ) -> Paying<Option<Answer>> {
        if let StepKind::Charge { key, .. } = &step.kind
            && let Some(item) = self
                .db
                .get(&self.table, keys::payment(&record.order.id, key))
                .await?
        {
            let remembered = Remembered::read(&item)?;
            let fingerprint = remembered.fingerprint;
            return answer_again(remembered, &fingerprint).map(Some);
        }
        let now = self.db.now();
        let paid_with = |id: &String| {
            let payment = record.order.payment.as_ref();
            payment.is_some_and(|payment| payment.id == *id)
        };
        match &step.state {
            StepState::Declined => Ok(None),
            StepState::Done { id } if paid_with(id) => Ok(None),
            StepState::NotTaken if is_payable(record, now) => {
                Err(StoreError::Refused(PayError::Unreachable))
            }
            _ => Err(too_late(record, now)),
        }
    }
}

/// What an order becomes by the outcome of a charge, the answer that is remembered, and what is answered now.
struct Outcome {
    after: OrderRecord,
    answer: Option<Remembered>,
    result: Paying<Answer>,
}

fn outcome_of(
    before: &OrderRecord,
    step: &Step,
    outcome: &Charge,
    payable: bool,
    now: Timestamp,
) -> Outcome {
    let mut after = before.next();
    let remembered = |status, body| match &step.kind {
        StepKind::Charge { fingerprint, .. } => {
            let bytes = data_encoding::HEXLOWER
                .decode(fingerprint.as_bytes())
                .ok()
                .and_then(|bytes| bytes.try_into().ok());
            bytes.map(|bytes| Remembered {
                fingerprint: Fingerprint::from_bytes(bytes),
                status,
                body,
            })
        }
        StepKind::GiveBack { .. } => None,
    };
    match outcome {
        Charge::Made(charge) => {
            after
                .steps
                .settle(step.number, StepState::Done { id: charge.clone() });
            if payable {
                after.order.status = OrderStatus::Paid;
                after.order.history.push(HistoryEntry {
                    status: OrderStatus::Paid,
                    at: now.to_second(),
                    by: Party::Customer,
                });
                after.order.payment = Some(Payment {
                    id: charge.clone(),
                    amount: before.order.total,
                });
                let body = json(&after.order);
                let answer = remembered(200, body.clone());
                Outcome {
                    after,
                    answer,
                    result: Ok(Answer::first(200, body)),
                }
            } else {
                // Charged, but the order has left: it is given back.
                after.steps.owe_everything_back(now);
                let result = Err(too_late(&after, now));
                Outcome {
                    after,
                    answer: None,
                    result,
                }
            }
        }
        Charge::Declined => {
            after.steps.settle(step.number, StepState::Declined);
            let answer = remembered(402, String::new());
            Outcome {
                after,
                answer,
                result: Err(StoreError::Refused(PayError::Declined)),
            }
        }
        Charge::NotMade => {
            after.steps.settle(step.number, StepState::NotTaken);
            let result = Err(if payable {
                StoreError::Refused(PayError::Unreachable)
            } else {
                too_late(&after, now)
            });
            Outcome {
                after,
                answer: None,
                result,
            }
        }
    }
}
