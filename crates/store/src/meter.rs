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
            BeforeTransmitInterceptorContextRef,
        },
    },
    error::BoxError,
    operation,
    types::{ConsumedCapacity, ReturnConsumedCapacity},
};
use aws_smithy_runtime_api::client::{
    interceptors::context::{Input, Output},
    orchestrator::Metadata,
};

/// Calls to DynamoDB and the time until their answers or until they were given up, one after the other or not.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Calls {
    /// How many, the SDK's own retries not counted.
    pub count: u32,
    /// The sum of their times.
    pub took: Duration,
    /// How often writes were sent, whoever sent one again: the store after a conflict, or the SDK after throttling or an
    /// answer that never came. What is read is not counted, so an order that met nobody has one.
    pub writes_sent: u32,
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
        writes_sent: 0,
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

/// Counts a write that is sent now, for the first time or again.
fn write_sent() {
    let calls = CALLS.get();
    CALLS.set(Calls {
        writes_sent: calls.writes_sent.saturating_add(1),
        ..calls
    });
}

/// What was counted since this was last asked, on this thread.
pub fn take() -> Calls {
    CALLS.take()
}

/// What a call does, and so what its units are, unless its answer says.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Read,
    Write,
}

/// Counts the units that an answer tells of, if it does.
fn add<'a>(consumed: impl IntoIterator<Item = &'a ConsumedCapacity>, kind: Kind) {
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

/// The requests have the same member under no common trait, and so do the answers. So each kind of call that the shop
/// makes has a row here: one without is counted as a call, but its units and how often it was sent are not.
macro_rules! metered {
    ($($operation:ident $name:ident $input:ident $output:ident $kind:ident;)*) => {
        /// What a call of this name does, if it has a row.
        fn kind(name: &str) -> Option<Kind> {
            let rows = [$((stringify!($name), Kind::$kind)),*];
            rows.into_iter().find_map(|(row, kind)| (row == name).then_some(kind))
        }

        /// Has the answer tell what it cost.
        fn request_capacity(input: &mut Input) {
            $(if let Some(input) = input.downcast_mut::<operation::$operation::$input>() {
                input.return_consumed_capacity = Some(ReturnConsumedCapacity::Total);
            })*
        }

        /// Counts what it cost.
        fn record(output: &Output) {
            $(if let Some(output) = output.downcast_ref::<operation::$operation::$output>() {
                add(output.consumed_capacity(), Kind::$kind);
            })*
        }
    };
}

metered! {
    get_item GetItem GetItemInput GetItemOutput Read;
    batch_get_item BatchGetItem BatchGetItemInput BatchGetItemOutput Read;
    query Query QueryInput QueryOutput Read;
    scan Scan ScanInput ScanOutput Read;
    put_item PutItem PutItemInput PutItemOutput Write;
    update_item UpdateItem UpdateItemInput UpdateItemOutput Write;
    delete_item DeleteItem DeleteItemInput DeleteItemOutput Write;
    transact_write_items TransactWriteItems TransactWriteItemsInput TransactWriteItemsOutput Write;
}

/// Has the calls of a client tell what they cost, and counts what is sent, in this one place: whoever makes a call has
/// nothing to do for it.
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
        request_capacity(call.input_mut());
        Ok(())
    }

    // Here every attempt passes, the SDK's own retries as well.
    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        settings: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let call = settings.load::<Metadata>();
        if call.and_then(|call| kind(call.name())) == Some(Kind::Write) {
            write_sent();
        }
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        call: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Ok(output) = call.output_or_error() {
            record(output);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
