//! Carts: what is in them, how two become one, and orders of what they hold.

mod items;
mod merge;
mod placing;
