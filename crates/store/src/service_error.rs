//! What is kept of an error of DynamoDB's, for the log.

use std::{
    error::Error,
    fmt::{self, Display, Formatter},
};

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::RequestId,
    types::{
        ThrottlingReason,
        error::{
            ProvisionedThroughputExceededException, RequestLimitExceeded, ThrottlingException,
            TransactionCanceledException,
        },
    },
};

use crate::error::{Obstacle, Source};

/// The kind of error of a call to a table that is not there.
const NO_TABLE: &str = "ResourceNotFoundException";

/// The kind of error of a call that whoever asks may not make.
const NOT_ALLOWED: &str = "AccessDeniedException";

/// The kind of error of a call by credentials that have run out.
const EXPIRED: &str = "ExpiredTokenException";

/// Kinds of errors of calls by credentials that nobody has, or whose secret is another one ("Common errors", Amazon DynamoDB
/// API reference).
const UNKNOWN: [&str; 5] = [
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "IncompleteSignatureException",
    "MissingAuthenticationTokenException",
    "InvalidClientTokenId",
];

/// Kinds of errors whose message speaks of roles and tables alone.
const TOLD_WHOLE: [&str; 2] = [NOT_ALLOWED, NO_TABLE];

/// Which call it was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    /// Its name in DynamoDB's API.
    pub(crate) name: &'static str,
    table: Option<&'a str>,
    index: Option<&'a str>,
}

impl<'a> Call<'a> {
    /// A call that may be about several tables.
    pub(crate) fn named(name: &'static str) -> Self {
        Self {
            name,
            table: None,
            index: None,
        }
    }

    /// A call about one table.
    pub(crate) fn of(name: &'static str, table: &'a str) -> Self {
        Self {
            table: Some(table),
            ..Self::named(name)
        }
    }

    /// By way of this index, if there is one.
    pub(crate) fn by(self, index: Option<&'a str>) -> Self {
        Self { index, ..self }
    }
}

impl Display for Call<'_> {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        to.write_str(self.name)?;
        if let Some(table) = self.table {
            write!(to, " of {table}")?;
        }
        if let Some(index) = self.index {
            write!(to, "/{index}")?;
        }
        Ok(())
    }
}

/// An answer of DynamoDB that is no success. Its message may quote the request, and with it what a client sent (as in
/// github.com/risingwavelabs/risingwave/issues/17572), so it is not kept: only what the shop and AWS call things.
#[derive(Debug, thiserror::Error)]
#[error("DynamoDB answers {status} {kind}{reasons} to {call}{request}{message}")]
struct ServiceError {
    status: u16,
    kind: String,
    /// Of a transaction that was cancelled, in the order of its writes; or of throttling, with the table or index.
    reasons: String,
    call: String,
    /// AWS's id of it, which its support asks for.
    request: String,
    message: String,
    /// The table that the call was about, if it was about one.
    table: Option<String>,
}

impl ServiceError {
    fn obstacle(&self) -> Option<Obstacle<'_>> {
        match self.kind.as_str() {
            NO_TABLE => self.table.as_deref().map(Obstacle::NoTable),
            NOT_ALLOWED => Some(Obstacle::NotAllowed),
            EXPIRED => Some(Obstacle::Expired),
            kind if UNKNOWN.contains(&kind) => Some(Obstacle::Unknown),
            _ => None,
        }
    }
}

/// A call without an answer, or without one that could be read. There is no message of DynamoDB's in it.
#[derive(Debug, thiserror::Error)]
#[error("{call} has no answer that can be read{request}")]
struct Unanswered {
    call: String,
    request: String,
    /// Whether it did not get as far as to somebody who could answer.
    is_unreached: bool,
    source: Source,
}

/// The cause that is kept of an error.
pub(crate) fn cause<E>(call: Call<'_>, error: SdkError<E>) -> Source
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let (table, call) = (call.table.map(str::to_owned), call.to_string());
    let request = error
        .request_id()
        .map_or_else(String::new, |id| format!(", request {id}"));
    let (Some(said), Some(response)) = (error.as_service_error(), error.raw_response()) else {
        return Box::new(Unanswered {
            call,
            request,
            is_unreached: is_unreached(&error),
            source: Box::new(error),
        });
    };
    let kind = said.code().unwrap_or("of no kind");
    let message = said.message().filter(|_| TOLD_WHOLE.contains(&kind));
    let reasons = reasons(said);
    Box::new(ServiceError {
        status: response.status().as_u16(),
        kind: kind.to_owned(),
        reasons: if reasons.is_empty() {
            String::new()
        } else {
            format!(" [{}]", reasons.join(", "))
        },
        call,
        request,
        message: message.map_or_else(String::new, |message| format!(": {message}")),
        table,
    })
}

/// Whether no connection came about, or it broke: a name that is not known, a port where nobody listens.
fn is_unreached<E>(error: &SdkError<E>) -> bool {
    match error {
        SdkError::DispatchFailure(failure) => failure.is_io() || failure.is_timeout(),
        _ => false,
    }
}

/// What is in the way, if that is the cause of an error and can be mended.
pub(crate) fn obstacle(cause: &Source) -> Option<Obstacle<'_>> {
    if let Some(error) = cause.downcast_ref::<ServiceError>() {
        return error.obstacle();
    }
    let unanswered = cause.downcast_ref::<Unanswered>()?;
    unanswered.is_unreached.then_some(Obstacle::Unreached)
}

/// The reasons that an error gives beside its message, by their codes.
fn reasons(said: &(dyn Error + 'static)) -> Vec<String> {
    // The error of each operation has the exception as its source.
    let Some(exception) = said.source() else {
        return Vec::new();
    };
    if let Some(cancelled) = exception.downcast_ref::<TransactionCanceledException>() {
        let reasons = cancelled.cancellation_reasons().iter();
        return reasons
            .map(|reason| reason.code().unwrap_or("None").to_owned())
            .collect();
    }
    let throttled = exception
        .downcast_ref::<ThrottlingException>()
        .map(|exception| exception.throttling_reasons())
        .or_else(|| {
            exception
                .downcast_ref::<ProvisionedThroughputExceededException>()
                .map(|exception| exception.throttling_reasons())
        })
        .or_else(|| {
            exception
                .downcast_ref::<RequestLimitExceeded>()
                .map(|exception| exception.throttling_reasons())
        });
    throttled
        .unwrap_or_default()
        .iter()
        .map(throttling)
        .collect()
}

/// Which limit was met, and of what.
fn throttling(reason: &ThrottlingReason) -> String {
    let limit = reason.reason().unwrap_or("throttled");
    match reason.resource() {
        Some(resource) => format!("{limit} of {resource}"),
        None => limit.to_owned(),
    }
}

#[cfg(test)]
mod tests;
