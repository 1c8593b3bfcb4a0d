//! What no honest client sends, to every route: always the contract's 4xx, never a 5xx, and nothing changed.

mod bodies;
mod envelopes;
mod headers;
mod idempotency_keys;
mod ids;
mod queries;
mod shapes;

/// The cases to try with an operation: all, or a share for those that hash a password, which takes as long as many
/// others.
fn cases_for<T>(operation: &str, cases: Vec<T>) -> impl Iterator<Item = T> {
    let (first, step) = match operation {
        "register-user" => (0, 6),
        "log-in" => (3, 6),
        "change-password" => (5, 6),
        "reset-password" => (1, 6),
        _ => (0, 1),
    };
    cases.into_iter().skip(first).step_by(step)
}
