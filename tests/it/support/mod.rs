//! The shop under test.

mod call;
mod items;
mod orders;
mod shop;
mod wire;

pub use call::{Answer, Call, key};
pub use items::{Ledger, text};
pub use shop::{Caller, TestShop, built, usd};
pub use wire::{Wire, cancelled};
