//! Orders: placing them, refusing to, repeating the request, and what may become of them.

mod buckets;
mod calls;
mod contention;
mod lists;
mod offers;
mod placing;
mod reading;
mod refunds;
mod refusals;
mod repeats;
mod transitions;
