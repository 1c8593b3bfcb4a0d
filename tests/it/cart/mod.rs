//! Carts: what is in them, how two become one, orders of what they hold, and all of it at once.

mod items;
mod merge;
mod merge_races;
mod placing;
mod races;
mod refusals;
