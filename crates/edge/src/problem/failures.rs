//! What the store's failures are called at the edge.

use store::{Failure, StoreError};

use super::{Problem, Slug};

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Busy(_) => Self::new(Slug::Busy).caused_by(failure),
            Failure::OutcomeUnknown(_) => Self::new(Slug::OutcomeUnknown).caused_by(failure),
            Failure::Corrupt(_) | Failure::Rejected(_) => Self::internal(failure),
        }
    }
}

impl<R: Into<Self>> From<StoreError<R>> for Problem {
    fn from(error: StoreError<R>) -> Self {
        match error {
            StoreError::Refused(refusal) => refusal.into(),
            StoreError::Failed(failure) => failure.into(),
        }
    }
}
