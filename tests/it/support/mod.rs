//! The shop under test.

mod accounts;
mod call;
mod samples;
mod shop;
mod snapshot;

pub use accounts::{PASSWORD, signed};
pub use call::{Answer, Call, key};
pub use samples::{Sample, World};
pub use shop::{Caller, TestShop, built, now, usd};
