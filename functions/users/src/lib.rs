//! Accounts and sessions, one operation a file.

mod letters;
mod service;
mod session;

pub use service::{
    AccountMail, Deletions, Guests, Issuing, KeySet, LogIn, LogOut, Messages, Passwords, Profiles,
    Registration, Resets, Resetting, Verifying,
};

// >>> Written by `cargo shop sync` from infra/. Change the templates, not this.
mod change_password;
mod delete_user;
mod get_jwks;
mod get_profile;
mod log_in;
mod log_out;
mod refresh_session;
mod register_user;
mod request_email_verification;
mod request_password_reset;
mod reset_password;
mod send_account_mail;
mod start_guest_session;
mod verify_email;

pub use change_password::change_password;
pub use delete_user::delete_user;
pub use get_jwks::get_jwks;
pub use get_profile::get_profile;
pub use log_in::log_in;
pub use log_out::log_out;
pub use refresh_session::refresh_session;
pub use register_user::register_user;
pub use request_email_verification::request_email_verification;
pub use request_password_reset::request_password_reset;
pub use reset_password::reset_password;
pub use send_account_mail::send_account_mail;
pub use start_guest_session::start_guest_session;
pub use verify_email::verify_email;
// <<<
