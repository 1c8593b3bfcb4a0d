//! What was asked of DynamoDB: how often, how long that took and what it cost. A request's line in the log says it.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use aws_sdk_dynamodb::{
    config::{
        ConfigBag, Intercept, RuntimeComponents,
        interceptors::{
            AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextMut,
        },
    },
    error::BoxError,
    operation,
    types::{ConsumedCapacity, ReturnConsumedCapacity},
};
use aws_smithy_runtime_api::client::interceptors::context::{Input, Output};

/// Calls to DynamoDB and the time until their answers or until they were given up, one after the other or not.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Calls {
    /// How many, the SDK's own retries not counted.
    pub count: u32,
    /// The sum of their times.
    pub took: Duration,
    /// How often writes were sent, whoever sent one again: the store after a conflict, or the SDK after throttling or an
    /// answer that never came. What is read is not counted, so an order that met nobody has one.
    pub attempts: u32,
    /// Read units, by what the answers say.
    pub read_units: f64,
    /// Write units, by what the answers say. A write that is refused costs some as well, but DynamoDB does not say how
    /// many.
    pub write_units: f64,
}

impl Calls {
    const NONE: Self = Self {
        count: 0,
        took: Duration::ZERO,
        attempts: 0,
        read_units: 0.0,
        write_units: 0.0,
    };
}

thread_local! {
    // A function's process serves one request at a time, on one thread.
    static CALLS: Cell<Calls> = const { Cell::new(Calls::NONE) };
}

/// A call on its way, since then. It is counted when this is dropped: whether it was answered, or given up by a request
/// whose time is over, which is the one whose line is looked at.
pub(crate) struct Running(Instant);

impl Running {
    /// A call that is sent now.
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let calls = CALLS.get();
        CALLS.set(Calls {
            count: calls.count.saturating_add(1),
            took: calls.took.saturating_add(self.0.elapsed()),
            ..calls
        });
    }
}

/// Counts an attempt at a write that is sent now.
pub(crate) fn attempt() {
    let calls = CALLS.get();
    CALLS.set(Calls {
        attempts: calls.attempts.saturating_add(1),
        ..calls
    });
}

/// What was counted since this was last asked, on this thread.
pub fn take() -> Calls {
    CALLS.take()
}

/// What a call's units are, unless its answer says.
#[derive(Clone, Copy)]
enum Kind {
    Read,
    Write,
}

/// Counts the units that an answer tells of, if it does.
fn spend<'a>(consumed: impl IntoIterator<Item = &'a ConsumedCapacity>, kind: Kind) {
    let mut calls = CALLS.get();
    for consumed in consumed {
        let total = consumed.capacity_units;
        let (read, write) = match (consumed.read_capacity_units, consumed.write_capacity_units) {
            (None, None) => match kind {
                Kind::Read => (total, None),
                Kind::Write => (None, total),
            },
            // A transaction's answer says: one that is sent again and was done before is only read ("TransactWriteItems",
            // DynamoDB API reference, ClientRequestToken).
            told => told,
        };
        calls.read_units += read.unwrap_or_default();
        calls.write_units += write.unwrap_or_default();
    }
    CALLS.set(calls);
}

/// The requests have the same member under no common trait, and so do the answers.
macro_rules! metered {
    ($($operation:ident $input:ident $output:ident $kind:ident;)*) => {
        /// Has the answer tell what it cost.
        fn ask(input: &mut Input) {
            $(if let Some(input) = input.downcast_mut::<operation::$operation::$input>() {
                input.return_consumed_capacity = Some(ReturnConsumedCapacity::Total);
            })*
        }

        /// Counts what it cost.
        fn note(output: &Output) {
            $(if let Some(output) = output.downcast_ref::<operation::$operation::$output>() {
                spend(output.consumed_capacity(), Kind::$kind);
            })*
        }
    };
}

metered! {
    get_item GetItemInput GetItemOutput Read;
    batch_get_item BatchGetItemInput BatchGetItemOutput Read;
    query QueryInput QueryOutput Read;
    scan ScanInput ScanOutput Read;
    put_item PutItemInput PutItemOutput Write;
    update_item UpdateItemInput UpdateItemOutput Write;
    delete_item DeleteItemInput DeleteItemOutput Write;
    transact_write_items TransactWriteItemsInput TransactWriteItemsOutput Write;
}

/// Has every call of a client tell what it cost, in this one place, so that no call can be forgotten.
#[derive(Debug)]
pub(crate) struct Metered;

impl Intercept for Metered {
    fn name(&self) -> &'static str {
        "Metered"
    }

    fn modify_before_serialization(
        &self,
        call: &mut BeforeSerializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        ask(call.input_mut());
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        call: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Ok(output) = call.output_or_error() {
            note(output);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
