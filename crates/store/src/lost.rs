//! Whether any attempt at a write may have happened without an answer.
//!
//! The SDK tells of its last attempt only. Should that one be throttled, or cancelled by a conflict, while an earlier
//! one timed out, then it is not known whether the write happened, and "nothing was changed" would be a lie.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents, interceptors::FinalizerInterceptorContextRef,
    },
    error::BoxError,
};

/// Watches the attempts at a write for answers that never came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lost(Arc<AtomicBool>);

impl Lost {
    /// Whether an attempt was sent and not answered, or answered by a fault of the server.
    pub(crate) fn any(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Intercept for Lost {
    fn name(&self) -> &'static str {
        "Lost"
    }

    fn read_after_attempt(
        &self,
        attempt: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let answered = attempt
            .response()
            .is_some_and(|response| !response.status().is_server_error());
        if !answered {
            self.0.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}
