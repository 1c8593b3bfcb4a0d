//! Accounts and sessions, one operation a file.

mod refresh_token;
mod service;

pub use service::{LogIn, Profiles, Registration};

// >>> Written by `cargo shop sync` from infra/. Change the templates, not this.
mod get_profile;
mod log_in;
mod register_user;

pub use get_profile::get_profile;
pub use log_in::log_in;
pub use register_user::register_user;
// <<<
