//! What can go wrong between the shop and its tables.

use std::error::Error;

use crate::service_error::obstacle;

/// The cause of a failure, kept for the log.
pub type Source = Box<dyn Error + Send + Sync>;

/// The store could not do its work. None of these says anything about the shop's rules.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Contention, throttling or a store that can't be reached: nothing was written, trying again may succeed.
    #[error("the store is busy")]
    Busy(#[source] Source),
    /// A write was sent and no answer came: whether it happened is not known.
    #[error("the outcome of a write is unknown")]
    OutcomeUnknown(#[source] Source),
    /// An item is not what this code writes.
    #[error("an item is corrupt")]
    Corrupt(#[from] Corrupt),
    /// The store refuses the request itself: a defect or a wrong setting.
    #[error("the store rejects the request")]
    Rejected(#[source] Source),
}

/// What keeps the store from being used at all, where whoever set it up or asks can mend that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle<'f> {
    /// This table is not there.
    NoTable(&'f str),
    /// The credentials were good, and have run out.
    Expired,
    /// The credentials are none that the store knows.
    Unknown,
    /// Whoever has the credentials may not do this.
    NotAllowed,
    /// Nobody answers at the store's address.
    Unreached,
}

impl Failure {
    /// Others were faster again and again; `what` says at what.
    pub(crate) fn kept_changing(what: &'static str) -> Self {
        Self::Busy(Box::new(Because(what)))
    }

    /// What is in the way, if it is something that can be mended.
    pub fn obstacle(&self) -> Option<Obstacle<'_>> {
        match self {
            Self::Busy(cause) | Self::OutcomeUnknown(cause) | Self::Rejected(cause) => {
                obstacle(cause)
            }
            Self::Corrupt(_) => None,
        }
    }

    /// Whether the same may succeed a moment later. A write whose outcome is unknown is meant to be one that may be repeated.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Busy(_) | Self::OutcomeUnknown(_) => true,
            Self::Corrupt(_) | Self::Rejected(_) => false,
        }
    }
}

/// An attribute is missing or not what this code writes there.
#[derive(Debug, thiserror::Error)]
#[error("{attribute} of {item} is missing or malformed")]
pub struct Corrupt {
    /// The item's key.
    pub item: String,
    /// The attribute's name.
    pub attribute: &'static str,
}

/// Either the shop's rules refuse (`R` says why, nothing was changed), or the store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError<R> {
    /// The rules refuse.
    #[error("{0}")]
    Refused(R),
    /// The store failed.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl<R> From<Corrupt> for StoreError<R> {
    fn from(corrupt: Corrupt) -> Self {
        Self::Failed(corrupt.into())
    }
}

/// A failure that has no other error beneath it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Because(pub &'static str);
