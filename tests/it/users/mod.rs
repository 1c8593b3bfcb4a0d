//! Accounts and sessions.

mod change_password;
mod guests;
mod jwks;
mod log_in;
mod log_out;
mod profile;
mod refresh;
mod register;
mod throttling;
