//! Accounts and sessions.

mod log_in;
mod profile;
mod register;
mod throttling;
