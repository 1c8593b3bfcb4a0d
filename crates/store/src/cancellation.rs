//! What a failed DynamoDB call means.

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    types::CancellationReason,
};

use crate::{
    error::{Because, Failure, Source},
    item::Item,
    service_error::{Call, cause},
};

/// Why one action of a transaction did not happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// Nothing was wrong with this one, or it was not looked at.
    None,
    /// Its condition did not hold; here is the item, if there is one.
    ConditionFailed(Option<Item>),
    /// Another write held the item, or it is throttled: trying again may succeed.
    Transient,
    /// The action can't be done at all, or the code is one this version does not know.
    Invalid,
}

/// Why a write did not answer with success.
#[derive(Debug)]
pub(crate) enum Setback {
    /// Conditions failed: one reason an action. Nothing was written.
    Refused(Vec<Reason>),
    /// Nothing was written, trying again may succeed.
    Transient(Source),
    /// The same transaction is under way already: sent again it tells what became of it.
    InProgress(Source),
    /// Final.
    Failed(Failure),
}

/// What a reason's code means.
pub(crate) fn reason(reason: &CancellationReason) -> Reason {
    match reason.code() {
        None | Some("None") => Reason::None,
        Some("ConditionalCheckFailed") => {
            Reason::ConditionFailed(reason.item.clone().map(Item::from))
        }
        Some(
            "TransactionConflict"
            | "ThrottlingError"
            | "ProvisionedThroughputExceeded"
            | "RequestLimitExceeded",
        ) => Reason::Transient,
        Some(_) => Reason::Invalid,
    }
}

/// What a cancelled transaction means. Its first action is the record of what the transaction does: if that is there
/// already, an earlier attempt did it, whatever became of the other actions. Otherwise a conflict anywhere says
/// that nothing is known for sure, least of all that something is sold out.
///
/// The source is made only where it is kept: a transaction that finds something sold out has no use for one.
pub(crate) fn cancelled(reasons: Vec<Reason>, source: impl FnOnce() -> Source) -> Setback {
    if matches!(reasons.first(), Some(Reason::ConditionFailed(_))) {
        Setback::Refused(reasons)
    } else if reasons.contains(&Reason::Invalid) {
        Setback::Failed(Failure::Rejected(source()))
    } else if reasons.contains(&Reason::Transient) {
        Setback::Transient(source())
    } else if reasons
        .iter()
        .any(|reason| matches!(reason, Reason::ConditionFailed(_)))
    {
        Setback::Refused(reasons)
    } else {
        // Cancelled for no stated reason: nothing was written.
        Setback::Failed(Failure::Busy(source()))
    }
}

/// What the error of a transaction means.
pub(crate) fn of_transaction(call: Call<'_>, error: SdkError<TransactWriteItemsError>) -> Setback {
    if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled_by)) =
        error.as_service_error()
    {
        let reasons = cancelled_by.cancellation_reasons();
        let reasons = reasons.iter().map(reason).collect();
        return cancelled(reasons, || cause(call, error));
    }
    match error.code() {
        Some("TransactionInProgressException") => Setback::InProgress(cause(call, error)),
        // An attempt with this token had other bytes: what became of it is not known here.
        Some("IdempotentParameterMismatchException") => {
            Setback::Failed(Failure::OutcomeUnknown(cause(call, error)))
        }
        _ => of_write(call, error),
    }
}

/// What the error of a write to one item means, but for a failed condition.
pub(crate) fn of_write<E>(call: Call<'_>, error: SdkError<E>) -> Setback
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    // Whatever a fault of the server is called, it may have come after the write.
    let server_fault = error
        .raw_response()
        .is_some_and(|response| response.status().is_server_error());
    match error.code() {
        Some("TransactionConflictException") => Setback::Transient(cause(call, error)),
        Some(code) if is_throttling(code) => Setback::Failed(Failure::Busy(cause(call, error))),
        Some(_) if server_fault => Setback::Failed(Failure::OutcomeUnknown(cause(call, error))),
        Some(_) => Setback::Failed(Failure::Rejected(cause(call, error))),
        None => Setback::Failed(match error {
            SdkError::ConstructionFailure(_) => Failure::Rejected(cause(call, error)),
            _ => Failure::OutcomeUnknown(cause(call, error)),
        }),
    }
}

/// What the error of a read means. A read changes nothing, so its outcome is never unknown.
pub(crate) fn of_read<E>(call: Call<'_>, error: SdkError<E>) -> Failure
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    match of_write(call, error) {
        Setback::Transient(source)
        | Setback::InProgress(source)
        | Setback::Failed(Failure::OutcomeUnknown(source)) => Failure::Busy(source),
        Setback::Failed(failure) => failure,
        Setback::Refused(_) => {
            Failure::Rejected(Box::new(Because("a read was refused by a condition")))
        }
    }
}

fn is_throttling(code: &str) -> bool {
    matches!(
        code,
        "ThrottlingException"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "LimitExceededException"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(codes: &[&str]) -> Setback {
        let reasons = codes
            .iter()
            .map(|code| reason(&CancellationReason::builder().code(*code).build()))
            .collect();
        cancelled(reasons, || Box::new(Because("test")))
    }

    #[test]
    fn a_record_that_exists_decides_whatever_else_happened() {
        for other in [
            "None",
            "TransactionConflict",
            "ConditionalCheckFailed",
            "ValidationError",
        ] {
            assert!(
                matches!(
                    decoded(&["ConditionalCheckFailed", other]),
                    Setback::Refused(_)
                ),
                "{other}"
            );
        }
    }

    #[test]
    fn a_conflict_beside_a_failed_condition_proves_nothing() {
        assert!(matches!(
            decoded(&["None", "ConditionalCheckFailed", "TransactionConflict"]),
            Setback::Transient(_)
        ));
        assert!(matches!(
            decoded(&["None", "ThrottlingError"]),
            Setback::Transient(_)
        ));
        assert!(matches!(
            decoded(&["None", "ConditionalCheckFailed"]),
            Setback::Refused(_)
        ));
    }

    #[test]
    fn for_what_is_refused_no_source_is_made() {
        let reasons = vec![Reason::None, Reason::ConditionFailed(None)];
        let setback = cancelled(reasons, || panic!("a source is made"));
        assert!(matches!(setback, Setback::Refused(_)));
    }

    #[test]
    fn codes_that_are_no_conflict_are_not_tried_again() {
        for code in [
            "ValidationError",
            "ItemCollectionSizeLimitExceeded",
            "SomethingNew",
        ] {
            assert!(
                matches!(
                    decoded(&["None", code]),
                    Setback::Failed(Failure::Rejected(_))
                ),
                "{code}"
            );
        }
        assert!(matches!(
            decoded(&["None", "None"]),
            Setback::Failed(Failure::Busy(_))
        ));
    }
}
