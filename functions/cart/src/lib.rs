//! Carts, one operation a file.

mod service;

pub use service::{CartItems, Carts};

// >>> Written by `cargo shop sync` from infra/. Change the templates, not this.
mod get_cart;
mod merge_cart;
mod put_cart_item;
mod remove_cart_item;

pub use get_cart::get_cart;
pub use merge_cart::merge_cart;
pub use put_cart_item::put_cart_item;
pub use remove_cart_item::remove_cart_item;
// <<<
