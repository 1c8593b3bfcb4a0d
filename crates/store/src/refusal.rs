//! What is kept of an error of DynamoDB's, for the log.

use std::error::Error;

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    types::CancellationReason,
};

use crate::error::Source;

/// Kinds of errors whose message speaks of roles and tables alone.
const TOLD_WHOLE: [&str; 2] = ["AccessDeniedException", "ResourceNotFoundException"];

/// An answer of DynamoDB that is no success. Its message may quote the request, and with it what a client sent (as in
/// github.com/risingwavelabs/risingwave/issues/17572), so only the kind of the error is kept.
#[derive(Debug, thiserror::Error)]
#[error("DynamoDB answers {status} {kind}{more}")]
struct Refusal {
    status: u16,
    kind: String,
    more: String,
}

/// The cause that is kept of an error.
pub(crate) fn cause<E>(error: SdkError<E>) -> Source
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    match refusal(&error) {
        Some(refusal) => Box::new(refusal),
        // No answer, or none that could be read: there is no message.
        None => Box::new(error),
    }
}

/// The cause that is kept of a transaction that was cancelled: its reasons, in the order of its writes.
pub(crate) fn cancelled(reasons: &[CancellationReason]) -> Source {
    let codes = reasons.iter().map(|reason| reason.code().unwrap_or("None"));
    let codes: Vec<&str> = codes.collect();
    Box::new(Refusal {
        status: 400,
        kind: "TransactionCanceledException".to_owned(),
        more: format!(" [{}]", codes.join(", ")),
    })
}

fn refusal<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Option<Refusal> {
    let (said, response) = (error.as_service_error()?, error.raw_response()?);
    let kind = said.code().unwrap_or("of no kind");
    let message = said.message().filter(|_| TOLD_WHOLE.contains(&kind));
    Some(Refusal {
        status: response.status().as_u16(),
        kind: kind.to_owned(),
        more: message.map_or_else(String::new, |message| format!(": {message}")),
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::{
        config::http::HttpResponse, error::ErrorMetadata, operation::put_item::PutItemError,
    };

    use super::*;

    fn kept_of(kind: &str) -> String {
        let said = ErrorMetadata::builder()
            .code(kind)
            .message("Value 'hunter2' is not good");
        let error = PutItemError::generic(said.build());
        let response = HttpResponse::new(400_u16.try_into().unwrap(), "hunter2".into());
        let cause = cause(SdkError::service_error(error, response));
        assert!(cause.source().is_none());
        cause.to_string()
    }

    #[test]
    fn what_may_quote_the_request_is_not_kept() {
        let kept = kept_of("ValidationException");
        assert_eq!(kept, "DynamoDB answers 400 ValidationException");
    }

    #[test]
    fn what_speaks_of_roles_and_tables_is_kept_whole() {
        let kept = kept_of("AccessDeniedException");
        assert_eq!(
            kept,
            "DynamoDB answers 400 AccessDeniedException: Value 'hunter2' is not good"
        );
    }

    #[test]
    fn a_cancelled_transaction_tells_why_of_each_write() {
        let reasons = ["None", "ConditionalCheckFailed"]
            .map(|code| CancellationReason::builder().code(code).message("hunter2"));
        let reasons = reasons.map(|reason| reason.build());
        assert_eq!(
            cancelled(&reasons).to_string(),
            "DynamoDB answers 400 TransactionCanceledException [None, ConditionalCheckFailed]"
        );
    }
}
