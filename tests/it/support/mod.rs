//! The shop under test.

mod call;
mod shop;

pub use call::{Answer, Call, key};
pub use shop::{Caller, TestShop, built};
