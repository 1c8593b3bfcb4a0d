//! Real processes of the `probe` example behind a real HTTP front.

#![allow(clippy::unwrap_used)]

mod faults;
mod http;
mod instances;
mod invocations;
mod support;
