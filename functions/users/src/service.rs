//! What each operation works with. Only what begins or goes on with a session holds keys that make tokens.

use edge::{
    Clock, PublicKeys, Random, RefreshKey, Service, Sessions, SettingError, Settings, SigningKey,
    carts, deletion, users,
};
use store::{Carts, Deletion, Users};

/// For `register-user`.
pub struct Registration {
    pub(crate) users: Users,
    pub(crate) random: Random,
}

/// For `log-in` and `refresh-session`.
pub struct Issuing {
    pub(crate) users: Users,
    pub(crate) random: Random,
    pub(crate) signing_key: SigningKey,
    pub(crate) refresh_key: RefreshKey,
}

/// For `start-guest-session`.
pub struct Guests {
    pub(crate) signing_key: SigningKey,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
}

/// For `log-out`.
pub struct LogOut {
    pub(crate) sessions: Sessions,
    pub(crate) users: Users,
    pub(crate) carts: Carts,
}

/// For `delete-user`.
pub struct Deletions {
    pub(crate) sessions: Sessions,
    pub(crate) deletion: Deletion,
}

/// For `get-jwks`.
pub struct KeySet {
    pub(crate) keys: PublicKeys,
}

/// For `get-profile` and `change-password`.
pub struct Profiles {
    pub(crate) sessions: Sessions,
    pub(crate) users: Users,
    pub(crate) random: Random,
}

impl Service for Registration {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            users: users(settings)?,
            random: settings.random(),
        })
    }
}

impl Service for Issuing {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            users: users(settings)?,
            random: settings.random(),
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
            random: settings.random(),
        })
    }
}

impl Service for Guests {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            signing_key: SigningKey::from_settings(settings)?,
            clock: settings.clock(),
            random: settings.random(),
        })
    }
}

impl Service for LogOut {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            sessions: Sessions::from_settings(settings)?,
            users: users(settings)?,
            carts: carts(settings)?,
        })
    }
}

impl Service for Deletions {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            sessions: Sessions::from_settings(settings)?,
            deletion: deletion(settings)?,
        })
    }
}

impl Service for KeySet {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            keys: PublicKeys::from_settings(settings)?,
        })
    }
}
