//! What each operation works with. Only what begins or goes on with a session holds keys that make tokens.

use edge::{
    Clock, Limits, LinkKey, PublicKeys, Random, RefreshKey, Service, Sessions, SettingError,
    Settings, SigningKey, carts, deletion, mailer, throttle, users,
};
use store::{Carts, Deletion, Throttle, Users, mail::Mailer};

/// For `register-user`.
pub struct Registration {
    pub(crate) users: Users,
    pub(crate) throttle: Throttle,
    pub(crate) limits: Limits,
    pub(crate) random: Random,
}

/// For `refresh-session`, and for whatever begins sessions.
pub struct Issuing {
    pub(crate) users: Users,
    pub(crate) random: Random,
    pub(crate) signing_key: SigningKey,
    pub(crate) refresh_key: RefreshKey,
}

/// For `log-in`.
pub struct LogIn {
    pub(crate) issuing: Issuing,
    pub(crate) throttle: Throttle,
    pub(crate) limits: Limits,
}

/// For `request-email-verification`.
pub struct Messages {
    pub(crate) sessions: Sessions,
    pub(crate) users: Users,
    pub(crate) throttle: Throttle,
    pub(crate) limits: Limits,
    pub(crate) random: Random,
}

/// For `verify-email`.
pub struct Verifying {
    pub(crate) users: Users,
    pub(crate) link_key: LinkKey,
}

/// For `request-password-reset`.
pub struct Resets {
    pub(crate) users: Users,
    pub(crate) throttle: Throttle,
    pub(crate) limits: Limits,
    pub(crate) random: Random,
}

/// For `reset-password`.
pub struct Resetting {
    pub(crate) issuing: Issuing,
    pub(crate) throttle: Throttle,
    pub(crate) limits: Limits,
    pub(crate) link_key: LinkKey,
}

/// For the consumer of the table's stream.
pub struct AccountMail {
    pub(crate) users: Users,
    pub(crate) link_key: LinkKey,
    pub(crate) mailer: Box<dyn Mailer>,
    /// The address of the site whose pages take links, if there is one.
    pub(crate) site: Option<String>,
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

/// For `get-profile`.
pub struct Profiles {
    pub(crate) sessions: Sessions,
    pub(crate) users: Users,
}

/// For `change-password`.
pub struct Passwords {
    pub(crate) sessions: Sessions,
    pub(crate) users: Users,
    pub(crate) throttle: Throttle,
    pub(crate) limits: Limits,
    pub(crate) random: Random,
}

impl Service for Registration {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            users: users(settings)?,
            throttle: throttle(settings)?,
            limits: Limits::from_settings(settings)?,
            random: settings.random(),
        })
    }
}

impl Service for LogIn {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            issuing: Issuing::from_settings(settings)?,
            throttle: throttle(settings)?,
            limits: Limits::from_settings(settings)?,
        })
    }
}

impl Service for Messages {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            sessions: Sessions::from_settings(settings)?,
            users: users(settings)?,
            throttle: throttle(settings)?,
            limits: Limits::from_settings(settings)?,
            random: settings.random(),
        })
    }
}

impl Service for Verifying {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            users: users(settings)?,
            link_key: LinkKey::from_settings(settings)?,
        })
    }
}

impl Service for Resets {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            users: users(settings)?,
            throttle: throttle(settings)?,
            limits: Limits::from_settings(settings)?,
            random: settings.random(),
        })
    }
}

impl Service for Resetting {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            issuing: Issuing::from_settings(settings)?,
            throttle: throttle(settings)?,
            limits: Limits::from_settings(settings)?,
            link_key: LinkKey::from_settings(settings)?,
        })
    }
}

impl Service for AccountMail {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            users: users(settings)?,
            link_key: LinkKey::from_settings(settings)?,
            mailer: mailer(settings)?,
            site: settings.optional("SITE_URL").map(str::to_owned),
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
        })
    }
}

impl Service for Passwords {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        Ok(Self {
            sessions: Sessions::from_settings(settings)?,
            users: users(settings)?,
            throttle: throttle(settings)?,
            limits: Limits::from_settings(settings)?,
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
