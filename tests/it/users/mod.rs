//! Accounts and sessions.

mod change_password;
mod delete_user;
mod deleted_orders;
mod deletion_cut_short;
mod guests;
mod jwks;
mod log_in;
mod log_out;
mod profile;
mod refresh;
mod register;
mod resets;
mod staff;
pub mod throttling;
mod verification;
