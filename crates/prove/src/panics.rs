//! Panics anywhere in a run. A function turns one of its own into an answer, and who brings events to it tries again: that
//! it came right in the end must not hide it.

use std::{cell::Cell, panic, sync::Once};

thread_local! {
    /// The last panic on this thread, with its place.
    static LAST: Cell<Option<String>> = const { Cell::new(None) };
}

/// What `run` gives, and the last panic in it, also one that was caught.
pub(crate) fn noted<T>(run: impl FnOnce() -> T) -> (T, Option<String>) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            LAST.set(Some(info.to_string()));
            before(info);
        }));
    });
    LAST.set(None);
    let result = run();
    (result, LAST.take())
}
