//! Accounts and sessions, one operation a file.

mod get_profile;
mod log_in;
mod refresh_token;
mod register_user;
mod service;

pub use get_profile::get_profile;
pub use log_in::log_in;
pub use register_user::register_user;
pub use service::{LogIn, Profiles, Registration};
