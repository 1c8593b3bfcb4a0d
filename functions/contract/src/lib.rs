//! What the API says of itself, one operation a file.

use edge::{Service, SettingError, Settings};

/// For operations that work with nothing.
pub struct Contract;

impl Service for Contract {
    fn from_settings(_: &Settings) -> Result<Self, SettingError> {
        Ok(Self)
    }
}

// >>> Written by `cargo shop sync` from infra/. Change the templates, not this.
mod get_openapi;

pub use get_openapi::get_openapi;
// <<<
