//! What each operation works with.

use std::sync::Arc;

use edge::{Service, SettingError, Settings, audited};
use store::{Db, audit::Tables};

/// For `audit-shop`.
pub struct Auditing {
    pub(crate) db: Arc<Db>,
    pub(crate) tables: Tables,
}

impl Service for Auditing {
    fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let (db, tables) = audited(settings)?;
        Ok(Self { db, tables })
    }
}
