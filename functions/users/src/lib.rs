//! Accounts and sessions, one operation a file.

mod service;
mod session;

pub use service::{Deletions, Guests, Issuing, KeySet, LogOut, Profiles, Registration};

// >>> Written by `cargo shop sync` from infra/. Change the templates, not this.
mod change_password;
mod delete_user;
mod get_jwks;
mod get_profile;
mod log_in;
mod log_out;
mod refresh_session;
mod register_user;
mod start_guest_session;

pub use change_password::change_password;
pub use delete_user::delete_user;
pub use get_jwks::get_jwks;
pub use get_profile::get_profile;
pub use log_in::log_in;
pub use log_out::log_out;
pub use refresh_session::refresh_session;
pub use register_user::register_user;
pub use start_guest_session::start_guest_session;
// <<<
