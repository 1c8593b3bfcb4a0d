//! The whole `main` of a function without a route: a schedule's or a stream's.

use std::time::{Duration, Instant};

use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{
    BoxError, Counted, Error, Service, deadline, log, metrics,
    panic::catch,
    serve::{RESERVE, run},
};

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
pub(crate) struct UnknownEvent {
    line: usize,
    column: usize,
}

impl From<serde_json::Error> for UnknownEvent {
    fn from(error: serde_json::Error) -> Self {
        Self {
            line: error.line(),
            column: error.column(),
        }
    }
}

/// An event that was not dealt with when Lambda's time for it was nearly over. It was given up, so that this is told.
#[derive(Debug, thiserror::Error)]
#[error("the time that Lambda gives this was over")]
struct OutOfTime;

/// Serves `operation`, which takes events of type `E`, as a Lambda function: all that its binary's `main` does.
///
/// An error it returns is logged with its causes and reported to Lambda, which then repeats the event as the event's
/// source says. So is one that is still being dealt with half a second before Lambda ends the invocation.
pub fn serve_events<S, E, R, X, O>(operation: O) -> Result<(), Error>
where
    S: Service,
    E: DeserializeOwned,
    R: Serialize + Counted,
    X: Into<BoxError>,
    O: AsyncFn(&S, E) -> Result<R, X>,
{
    run::<S, O, R>(async |service, event: LambdaEvent<Box<RawValue>>| {
        let left = deadline(&event.context);
        deal(
            service,
            &operation,
            event.payload.get(),
            &event.context.request_id,
            left,
        )
        .await
    })
}

/// What `operation` makes of an event, in JSON. Its error is logged with its causes, and Lambda is only told that there was one.
/// `left` is the time until Lambda ends the invocation, if it is known.
pub async fn deal<S, E, R, X, O>(
    service: &S,
    operation: &O,
    event: &str,
    request_id: &str,
    left: Option<Duration>,
) -> Result<R, Failed>
where
    E: DeserializeOwned,
    R: Counted,
    X: Into<BoxError>,
    O: AsyncFn(&S, E) -> Result<R, X>,
{
    let begun = Instant::now();
    let result: Result<R, BoxError> = match serde_json::from_str(event) {
        Ok(event) => {
            let dealing = async {
                operation(service, event)
                    .await
                    .map_err(Into::<BoxError>::into)
            };
            match catch(in_time(dealing, left)).await {
                Ok(result) => result,
                Err(panicked) => Err(panicked.into()),
            }
        }
        Err(error) => Err(UnknownEvent::from(error).into()),
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
    metrics::event(&operation, &result);
    result.map_err(|_| Failed)
}

/// What comes of it, if that is known in time.
async fn in_time<R>(
    dealing: impl Future<Output = Result<R, BoxError>>,
    left: Option<Duration>,
) -> Result<R, BoxError> {
    match left {
        None => dealing.await,
        Some(left) => tokio::time::timeout(left.saturating_sub(RESERVE), dealing)
            .await
            .unwrap_or_else(|_| Err(OutOfTime.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Logged;

    impl Counted for usize {}

    async fn count(_: &(), event: Vec<u8>) -> Result<usize, BoxError> {
        match event.first() {
            Some(0) => Err("the table is gone".into()),
            Some(1) => panic!("at the first item"),
            Some(2) => std::future::pending().await,
            _ => Ok(event.len()),
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn failures_are_reported_and_their_causes_logged() {
        let logged = Logged::start();
        let dealt = deal(&(), &count, "[5,6]", "r1", None).await;
        assert_eq!(dealt.unwrap(), 2);
        for (event, cause) in [
            ("[0]", "the table is gone"),
            ("[1]", "the operation panicked"),
            (
                "[\"hunter2\"]",
                "not what the operation takes (line 1, column 10)",
            ),
        ] {
            let error = deal(&(), &count, event, "r2", None).await.unwrap_err();
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

    #[tokio::test(flavor = "current_thread")]
    async fn what_takes_longer_than_lambda_waits_is_given_up_and_told() {
        let logged = Logged::start();
        let hardly_any = Some(RESERVE);
        let dealt = deal(&(), &count, "[2]", "r3", hardly_any).await;
        assert!(dealt.is_err());
        let told = logged.text();
        assert!(
            told.contains("the time that Lambda gives this was over"),
            "{told}"
        );
        let dealt = deal(&(), &count, "[5]", "r4", hardly_any).await;
        assert_eq!(dealt.unwrap(), 1, "what needs no time is done");
    }
}
