//! Panics on a run's thread. A function turns one of its own into an answer, and who brings events to it tries again: that
//! it came right in the end must not hide it.

use std::{cell::Cell, panic, sync::Once};

thread_local! {
    /// The first panic on this thread, with its place.
    static FIRST: Cell<Option<String>> = const { Cell::new(None) };
}

/// What `run` gives, and the first panic in it, also one that was caught. What others panic of is mostly its consequence.
pub(crate) fn noted<T>(run: impl FnOnce() -> T) -> (T, Option<String>) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            // The thread may be at its end.
            let _ = FIRST.try_with(|first| {
                let told = info.to_string().replace('\n', " ");
                let before = first.take();
                first.set(before.or(Some(told)));
            });
            before(info);
        }));
    });
    FIRST.set(None);
    let result = run();
    (result, FIRST.take())
}
