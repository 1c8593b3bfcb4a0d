//! Steps taken outside the shop for an order's money: each is written on the order before it is taken.

use serde::{Deserialize, Serialize};

use crate::{OrderId, Timestamp};

/// The most charges that may be attempted for one order.
pub const MAX_CHARGES: usize = 10;

/// One step with the payment provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its number within the order, from 1. With the order's id it is the provider's key, so no step is ever taken twice.
    pub number: u32,
    /// When it was written down.
    pub at: Timestamp,
    /// What it does.
    pub kind: StepKind,
    /// What became of it.
    pub state: StepState,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Charges the order's total.
    Charge {
        /// Digest of the Idempotency-Key under which it was asked for.
        key: String,
        /// Fingerprint of that request, in hex.
        fingerprint: String,
    },
    /// Gives back what step `charge` charged.
    GiveBack {
        /// The number of the charge.
        charge: u32,
    },
}

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Not yet known.
    Pending,
    /// The provider refused it.
    Declined,
    /// It never happened and never will.
    NotTaken,
    /// It happened.
    Done {
        /// The provider's id for it.
        id: String,
    },
}

/// All steps of an order, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Steps(pub Vec<Step>);

impl Steps {
    /// The key under which the provider knows step `number` of `order`.
    pub fn provider_key(order: &OrderId, number: u32) -> String {
        format!("{order}#{number}")
    }

    /// Writes down a step to be taken, and gives its number. Steps that were never taken are forgotten, their numbers not used again.
    pub fn add(&mut self, kind: StepKind, at: Timestamp) -> u32 {
        let number = self
            .0
            .last()
            .map_or(1, |last| last.number.saturating_add(1));
        self.0.retain(|step| step.state != StepState::NotTaken);
        self.0.push(Step {
            number,
            at: at.to_second(),
            kind,
            state: StepState::Pending,
        });
        number
    }

    /// Writes down what became of step `number`.
    pub fn settle(&mut self, number: u32, state: StepState) {
        if let Some(step) = self.0.iter_mut().find(|step| step.number == number) {
            step.state = state;
        }
    }

    /// Charges attempted, however they ended, but for those that never reached the provider.
    pub fn charges(&self) -> usize {
        let counted = |step: &&Step| {
            matches!(step.kind, StepKind::Charge { .. }) && step.state != StepState::NotTaken
        };
        self.0.iter().filter(counted).count()
    }

    /// The charge whose outcome is not known, if there is one.
    pub fn pending_charge(&self) -> Option<&Step> {
        self.pending()
            .find(|step| matches!(step.kind, StepKind::Charge { .. }))
    }

    /// Everything whose outcome is not known.
    pub fn pending(&self) -> impl Iterator<Item = &Step> {
        self.0
            .iter()
            .filter(|step| step.state == StepState::Pending)
    }

    /// The numbers of charges that were made and for whose return no step is written yet.
    pub fn kept_charges(&self) -> Vec<u32> {
        let returned = |number| {
            self.0
                .iter()
                .any(|step| step.kind == StepKind::GiveBack { charge: number })
        };
        self.0
            .iter()
            .filter(|step| {
                matches!(
                    (&step.kind, &step.state),
                    (StepKind::Charge { .. }, StepState::Done { .. })
                )
            })
            .map(|step| step.number)
            .filter(|number| !returned(*number))
            .collect()
    }

    /// Writes down that every charge still kept is to be given back.
    pub fn owe_everything_back(&mut self, at: Timestamp) {
        for charge in self.kept_charges() {
            self.add(StepKind::GiveBack { charge }, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charge(key: &str) -> StepKind {
        StepKind::Charge {
            key: key.into(),
            fingerprint: String::new(),
        }
    }

    #[test]
    fn a_charge_is_owed_back_once() {
        let at = Timestamp::from_millis(0);
        let mut steps = Steps::default();
        let first = steps.add(charge("a"), at);
        assert_eq!(steps.pending_charge().map(|s| s.number), Some(first));
        steps.settle(first, StepState::Done { id: "ch_1".into() });
        assert_eq!(steps.kept_charges(), [1]);
        steps.owe_everything_back(at);
        steps.owe_everything_back(at);
        assert_eq!(steps.0.len(), 2);
        assert_eq!(steps.0[1].kind, StepKind::GiveBack { charge: 1 });
        assert!(steps.kept_charges().is_empty());
    }

    #[test]
    fn a_provider_knows_a_step_by_its_order_and_number() {
        let order = OrderId::parse("ord_aaaaaaaaaaaaaaaaaaaaaaaaaa").unwrap();
        let key = Steps::provider_key(&order, 3);
        assert_eq!(key, "ord_aaaaaaaaaaaaaaaaaaaaaaaaaa#3");
    }

    #[test]
    fn what_never_reached_the_provider_does_not_count() {
        let at = Timestamp::from_millis(0);
        let mut steps = Steps::default();
        let first = steps.add(charge("a"), at);
        steps.settle(first, StepState::NotTaken);
        assert_eq!(steps.charges(), 0);
        let second = steps.add(charge("b"), at);
        steps.settle(second, StepState::Declined);
        assert_eq!(steps.charges(), 1);
        assert_eq!(
            steps.add(charge("c"), at),
            3,
            "its number is not used again"
        );
    }
}
