//! What becomes of an order by the outcome of a charge.

use domain::{
    Fingerprint, OrderId, OrderStatus, Timestamp,
    order::{Party, Payment},
    payment::{Step, StepKind, StepState},
};

use super::{
    Orders,
    pay::{PayError, Paying, answer_again, too_late},
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
            let payable = before.is_payable(now) && !deleted;
            let after = before.after_charge(number, outcome, payable, now);
            let (answer, result) = answer_to(step, outcome, payable, &after, now);
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
            StepState::NotTaken if record.is_payable(now) => {
                Err(StoreError::Refused(PayError::Unreachable))
            }
            _ => Err(too_late(record, now)),
        }
    }
}

impl OrderRecord {
    /// What the order becomes by the outcome of charge `number`: paid if it may be, and otherwise it owes back what was
    /// charged.
    pub fn after_charge(
        &self,
        number: u32,
        outcome: &Charge,
        payable: bool,
        now: Timestamp,
    ) -> Self {
        let Charge::Made(charge) = outcome else {
            let declined = matches!(outcome, Charge::Declined);
            let state = if declined {
                StepState::Declined
            } else {
                StepState::NotTaken
            };
            return self.with_step(number, state);
        };
        let id = charge.clone();
        let mut after = self.with_step(number, StepState::Done { id: id.clone() });
        if payable {
            after.reach(OrderStatus::Paid, now, Party::Customer);
            let amount = self.order.total;
            after.order.payment = Some(Payment { id, amount });
        } else {
            // Charged, but the order has left: it is given back.
            after.steps.owe_everything_back(now);
        }
        after
    }
}

/// The answer that the key of a charge has from now on, if it has one, and what is answered now.
fn answer_to(
    step: &Step,
    outcome: &Charge,
    payable: bool,
    after: &OrderRecord,
    now: Timestamp,
) -> (Option<Remembered>, Paying<Answer>) {
    match outcome {
        Charge::Made(_) if payable => {
            let body = json(&after.order);
            let answer = Answer::first(200, body.clone());
            (remembered(step, 200, body), Ok(answer))
        }
        Charge::Declined => {
            let declined = StoreError::Refused(PayError::Declined);
            (remembered(step, 402, String::new()), Err(declined))
        }
        Charge::NotMade if payable => (None, Err(StoreError::Refused(PayError::Unreachable))),
        Charge::Made(_) | Charge::NotMade => (None, Err(too_late(after, now))),
    }
}

fn remembered(step: &Step, status: u16, body: String) -> Option<Remembered> {
    let StepKind::Charge { fingerprint, .. } = &step.kind else {
        return None;
    };
    let bytes = data_encoding::HEXLOWER.decode(fingerprint.as_bytes());
    let bytes = bytes.ok()?.try_into().ok()?;
    Some(Remembered {
        fingerprint: Fingerprint::from_bytes(bytes),
        status,
        body,
    })
}
