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

use crate::error::Source;

/// The kind of error of a call to a table that is not there.
const NO_TABLE: &str = "ResourceNotFoundException";

/// Kinds of errors whose message speaks of roles and tables alone.
const TOLD_WHOLE: [&str; 2] = ["AccessDeniedException", NO_TABLE];

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
    /// The table that is not there, if that is what the call was refused for.
    missing: Option<String>,
}

/// A call without an answer, or without one that could be read. There is no message of DynamoDB's in it.
#[derive(Debug, thiserror::Error)]
#[error("{call} has no answer that can be read{request}")]
struct Unanswered {
    call: String,
    request: String,
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
        missing: table.filter(|_| kind == NO_TABLE),
    })
}

/// The table that is not there, if that is the cause of an error.
pub(crate) fn missing_table(cause: &Source) -> Option<&str> {
    let error = cause.downcast_ref::<ServiceError>()?;
    error.missing.as_deref()
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
