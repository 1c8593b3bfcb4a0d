//! The shop under test.

mod accesses;
mod accounts;
mod call;
mod carts;
mod commands;
pub mod contract;
mod door;
mod engine;
mod events;
mod faults;
mod guard;
mod items;
mod logs;
mod mail;
mod orders;
mod recorder;
mod relay;
mod samples;
mod services;
mod sessions;
mod shop;
mod snapshot;
mod stream;
mod wire;

pub use accounts::{PASSWORD, refresh_key, signed};
pub use call::{Answer, Call, key};
pub use carts::contents;
pub use commands::cargo_shop;
pub use faults::{THE_REQUEST, cancelled};
pub use guard::told;
pub use items::{Ledger, text};
pub use orders::{is_new_order, is_replay};
pub use recorder::Recorder;
pub use samples::{Sample, World};
pub use sessions::Tokens;
pub use shop::{Caller, NAME, TestShop, built, now, usd};
