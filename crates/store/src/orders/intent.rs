//! What a payment that is asked for leads to: decided by what was read of its order, before anything is written or
//! charged.

use domain::{
    OrderEvent, OrderStatus, Timestamp,
    payment::{MAX_CHARGES, StepKind, StepState, Steps},
};

use super::{pay::PayError, record::OrderRecord};

/// Where a payment goes from what was read.
#[derive(Debug)]
pub enum Intent {
    /// This charge is under way for the same request, which goes on with it.
    GoesOn(u32),
    /// The order becomes this, on which the charge with this number stands.
    Charge(Box<OrderRecord>, u32),
    /// The order was paid by this same request under another key: that is what was asked for.
    PaidAlready,
    /// It was written down between the two reads of the batch: the answer is there now.
    ReadAgain,
}

impl OrderRecord {
    /// Where a payment by the request with this key and fingerprint goes, when its key has no answer yet.
    pub fn intent(&self, key: &str, fingerprint: &str, now: Timestamp) -> Result<Intent, PayError> {
        if let Some((number, pending_key, pending)) = under_way(&self.steps) {
            return if pending_key != key {
                Err(PayError::Pending)
            } else if pending != fingerprint {
                Err(PayError::KeyReused)
            } else {
                Ok(Intent::GoesOn(number))
            };
        }
        let paid_by = self.paid_by();
        // Its answer was written down together with that.
        if declined(&self.steps, key) || paid_by.is_some_and(|(of, _)| of == key) {
            return Ok(Intent::ReadAgain);
        }
        let status = self.order.clone().shown_at(now).status;
        if status == OrderStatus::Expired {
            return Err(PayError::Expired);
        }
        if status.after(OrderEvent::Pay).is_none() {
            let paid_by_it = paid_by.is_some_and(|(_, of)| of == fingerprint);
            return if paid_by_it && self.paid_again_by.len() < MAX_CHARGES {
                Ok(Intent::PaidAlready)
            } else {
                Err(PayError::Refused { status })
            };
        }
        if self.steps.charges() >= MAX_CHARGES {
            return Err(PayError::TooManyCharges);
        }
        let mut intended = self.next();
        let charge = StepKind::Charge {
            key: key.to_owned(),
            fingerprint: fingerprint.to_owned(),
        };
        let number = intended.steps.add(charge, now);
        Ok(Intent::Charge(Box::new(intended), number))
    }

    /// The charge that paid the order: its key's digest and its request's fingerprint. One that came too late was made as
    /// well, and is given back.
    fn paid_by(&self) -> Option<(&str, &str)> {
        let payment = self.order.payment.as_ref()?;
        self.steps
            .0
            .iter()
            .find_map(|step| match (&step.kind, &step.state) {
                (StepKind::Charge { key, fingerprint }, StepState::Done { id }) => {
                    (*id == payment.id).then_some((key.as_str(), fingerprint.as_str()))
                }
                _ => None,
            })
    }
}

/// The charge whose outcome is not known: its number, its key's digest and its request's fingerprint.
fn under_way(steps: &Steps) -> Option<(u32, &str, &str)> {
    let step = steps.pending_charge()?;
    match &step.kind {
        StepKind::Charge { key, fingerprint } => Some((step.number, key, fingerprint)),
        StepKind::GiveBack { .. } => None,
    }
}

/// Whether the request with this key was declined.
fn declined(steps: &Steps, key: &str) -> bool {
    steps.0.iter().any(|step| match &step.kind {
        StepKind::Charge { key: of, .. } => of == key && step.state == StepState::Declined,
        StepKind::GiveBack { .. } => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{golden, payment::Charge};

    const NOW: Timestamp = Timestamp::from_millis(1_795_388_222_000);

    /// The order with a charge of this request, which was made.
    fn charged(order: &OrderRecord, request: (&str, &str), id: &str, in_time: bool) -> OrderRecord {
        let Ok(Intent::Charge(intended, number)) = order.intent(request.0, request.1, NOW) else {
            panic!("it can't be paid");
        };
        intended.after_charge(number, &Charge::Made(id.into()), in_time, NOW)
    }

    #[test]
    fn a_charge_that_came_too_late_is_not_what_paid_the_order() {
        let late = charged(&golden::order(), ("one", "card a"), "ch_1", false);
        let paid = charged(&late, ("two", "card b"), "ch_2", true);
        let refused = paid.intent("one", "card a", NOW).unwrap_err();
        let status = OrderStatus::Paid;
        assert_eq!(refused, PayError::Refused { status });
        let again = paid.intent("three", "card b", NOW).unwrap();
        assert!(matches!(again, Intent::PaidAlready), "{again:?}");
    }

    #[test]
    fn a_key_that_paid_has_an_answer_whatever_it_is_used_for_again() {
        let paid = charged(&golden::order(), ("one", "card a"), "ch_1", true);
        for card in ["card a", "card b"] {
            let again = paid.intent("one", card, NOW).unwrap();
            assert!(matches!(again, Intent::ReadAgain), "{again:?}");
        }
    }
}
