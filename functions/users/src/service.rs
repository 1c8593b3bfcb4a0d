//! What each operation works with. Only log-in holds the keys that make sessions.

use edge::{Service, Sessions, SettingError, Settings, SigningKey, users};
use store::Users;

use crate::refresh_token::RefreshKey;

/// For `register-user`.
pub struct Registration {
    pub(crate) users: Users,
}

/// For `log-in`.
pub struct LogIn {
    pub(crate) users: Users,
    pub(crate) signing_key: SigningKey,
    pub(crate) refresh_key: RefreshKey,
}

/// For `get-profile`.
pub struct Profiles {
    pub(crate) sessions: Sessions,
    pub(crate) users: Users,
}

impl Service for Registration {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            users: users(settings)?,
        })
    }
}

impl Service for LogIn {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            users: users(settings)?,
            signing_key: SigningKey::from_settings(settings)?,
            refresh_key: RefreshKey::from_settings(settings)?,
        })
    }
}

impl Service for Profiles {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            sessions: Sessions::from_settings(settings)?,
            users: users(settings)?,
        })
    }
}
