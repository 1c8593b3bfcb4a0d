//! A panic is an answer, not an end: the function stays alive for the next request.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind},
    pin::pin,
    task::Poll,
};

/// What is left of an operation that panicked.
#[derive(Debug, thiserror::Error)]
#[error("the operation panicked")]
pub(crate) struct Panicked;

/// Runs `operation` to its end, or to its panic.
pub(crate) async fn catch<T>(operation: impl Future<Output = T>) -> Result<T, Panicked> {
    let mut operation = pin!(operation);
    std::future::poll_fn(|context| {
        // What a panic leaves half done is dropped with the future; services hold only clients and keys.
        match catch_unwind(AssertUnwindSafe(|| operation.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Err(_) => Poll::Ready(Err(Panicked)),
        }
    })
    .await
}

/// A panic hook that logs where the code panicked. The message only if it is a literal: a formatted one may hold what a
/// client sent.
pub(crate) fn log(info: &PanicHookInfo<'_>) {
    let reason = info.payload().downcast_ref::<&'static str>();
    let reason = reason.unwrap_or(&"(a message made at run time)");
    let location = info.location().map(ToString::to_string);
    tracing::error!(location, reason, "panicked");
}
