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
        if declined(&self.steps, key) {
            return Ok(Intent::ReadAgain);
        }
        let status = self.order.clone().shown_at(now).status;
        if status == OrderStatus::Expired {
            return Err(PayError::Expired);
        }
        if status.after(OrderEvent::Pay).is_none() {
            let paid_by_it = paid_by(&self.steps, fingerprint) && self.order.payment.is_some();
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

fn paid_by(steps: &Steps, fingerprint: &str) -> bool {
    steps.0.iter().any(|step| match (&step.kind, &step.state) {
        (
            StepKind::Charge {
                fingerprint: charged,
                ..
            },
            StepState::Done { .. },
        ) => charged == fingerprint,
        _ => false,
    })
}
