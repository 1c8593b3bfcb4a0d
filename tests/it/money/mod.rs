//! Money: paying, what is owed back, and the schedule that settles it.

mod declined;
mod owed;
mod paying;
mod pending;
mod schedule;
