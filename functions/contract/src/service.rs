//! What each operation works with.

use edge::{Service, SettingError, Settings};

/// For operations that work with nothing.
pub struct Contract;

impl Service for Contract {
    fn from_settings(_: &Settings) -> Result<Self, SettingError> {
        Ok(Self)
    }
}
