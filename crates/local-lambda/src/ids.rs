//! Identifiers in the shapes AWS gives them, different in every process and every call.

use std::{
    process,
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

static NEXT: AtomicU64 = AtomicU64::new(1);

/// A request id, shaped like a UUID.
pub(crate) fn request_id() -> String {
    let (now, process, count) = parts();
    let (seconds, millis) = (now / 1000, now % 1000);
    format!(
        "{:08x}-{:04x}-4{millis:03x}-8{:03x}-{count:012x}",
        seconds as u32,
        process & 0xffff,
        process >> 16 & 0xfff,
    )
}

/// An X-Ray trace header that says "not sampled".
pub(crate) fn trace_id() -> String {
    let (now, process, count) = parts();
    format!(
        "Root=1-{:08x}-{process:08x}{count:016x};Parent={count:016x};Sampled=0",
        now / 1000
    )
}

/// Milliseconds since 1970.
pub(crate) fn epoch_millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn parts() -> (u64, u32, u64) {
    (
        epoch_millis(SystemTime::now()),
        process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed),
    )
}
