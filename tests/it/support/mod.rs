//! The shop under test.

mod accounts;
mod call;
mod items;
mod orders;
mod samples;
mod sessions;
mod shop;
mod snapshot;
mod stream;
mod wire;

pub use accounts::{PASSWORD, refresh_key, signed};
pub use call::{Answer, Call, key};
pub use items::{Ledger, text};
pub use samples::{Sample, World};
pub use sessions::Tokens;
pub use shop::{Caller, TestShop, built, now, usd};
pub use wire::{Wire, cancelled};
