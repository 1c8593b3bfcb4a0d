//! The whole `main` of a function without a route: a schedule's or a stream's.

use std::time::Instant;

use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{BoxError, Error, Service, log, panic::catch, serve::run};

/// An event was not dealt with, and whoever sent it may send it again. Lambda is told no more: the cause is in the log.
#[derive(Debug)]
pub struct Failed;

impl From<Failed> for Diagnostic {
    fn from(_: Failed) -> Self {
        Self {
            error_type: "Failed".to_owned(),
            error_message: "the operation failed: see its log".to_owned(),
        }
    }
}

/// An event that is not what the operation takes. Serde's own message may quote it, so only the place is told.
#[derive(Debug, thiserror::Error)]
#[error("the event is not what the operation takes (line {line}, column {column})")]
struct UnknownEvent {
    line: usize,
    column: usize,
}

/// Serves `operation`, which takes events of type `E`, as a Lambda function: all that its binary's `main` does.
///
/// An error it returns is logged with its causes and reported to Lambda, which then repeats the event as the event's
/// source says.
pub fn serve_events<S, E, R, X, O>(operation: O) -> Result<(), Error>
where
    S: Service,
    E: DeserializeOwned,
    R: Serialize,
    X: Into<BoxError>,
    O: AsyncFn(&S, E) -> Result<R, X>,
{
    run::<S, O, R>(async |service, event: LambdaEvent<Box<RawValue>>| {
        deal(
            service,
            &operation,
            event.payload.get(),
            &event.context.request_id,
        )
        .await
    })
}

/// What `operation` makes of an event, in JSON. Its error is logged with its causes, and Lambda is only told that there was one.
pub async fn deal<S, E, R, X, O>(
    service: &S,
    operation: &O,
    event: &str,
    request_id: &str,
) -> Result<R, Failed>
where
    E: DeserializeOwned,
    X: Into<BoxError>,
    O: AsyncFn(&S, E) -> Result<R, X>,
{
    let begun = Instant::now();
    let result: Result<R, BoxError> = match serde_json::from_str(event) {
        Ok(event) => match catch(async { operation(service, event).await }).await {
            Ok(result) => result.map_err(Into::into),
            Err(panicked) => Err(panicked.into()),
        },
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            Err(UnknownEvent { line, column }.into())
        }
    };
    let operation = log::operation_name::<O>();
    let cause = result.as_ref().err();
    log::write_line!(
        "event",
        begun = begun,
        cause = cause.map(|cause| log::causes(Some(cause.as_ref()))),
        operation = operation,
        request_id = request_id,
    );
    result.map_err(|_| Failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Logged;

    async fn count(_: &(), event: Vec<u8>) -> Result<usize, BoxError> {
        match event.first() {
            Some(0) => Err("the table is gone".into()),
            Some(1) => panic!("at the first item"),
            _ => Ok(event.len()),
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn failures_are_reported_and_their_causes_logged() {
        let logged = Logged::start();
        assert_eq!(deal(&(), &count, "[5,6]", "r1").await.unwrap(), 2);
        for (event, cause) in [
            ("[0]", "the table is gone"),
            ("[1]", "the operation panicked"),
            (
                "[\"hunter2\"]",
                "not what the operation takes (line 1, column 10)",
            ),
        ] {
            let error = deal(&(), &count, event, "r2").await.unwrap_err();
            let told = Diagnostic::from(error).error_message;
            assert_eq!(told, "the operation failed: see its log");
            assert!(logged.text().contains(cause), "{}", logged.text());
        }
        let costs = "dynamodb_calls=0 attempts=0 read_units=0.0 write_units=0.0";
        for there in ["operation=\"count\"", costs] {
            assert!(logged.text().contains(there), "{}", logged.text());
        }
        assert!(!logged.text().contains("hunter2"), "{}", logged.text());
    }
}
