//! What the API says of itself, one operation a file.

mod service;

pub use service::Contract;

// >>> Written by `cargo shop sync` from infra/. Change the templates, not this.
mod get_openapi;

pub use get_openapi::get_openapi;
// <<<
