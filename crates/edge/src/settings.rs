//! What a function is told by its environment.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use data_encoding::BASE64URL_NOPAD;
use store::Db;

use crate::{
    Clock, Random,
    log::causes,
    stores::{connection, endpoint},
    system_time,
};

/// How the name of a setting ends that is the path of one in the Parameter Store.
const PARAMETER: &str = "_PARAMETER";

/// What the operations of one service share, made once when a function starts.
pub trait Service: Sized {
    /// The service these settings describe.
    fn from_settings(settings: &Settings) -> Result<Self, SettingError>;
}

/// A setting that is missing or can't be what it must be. Never tells the value, which may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the setting {name} {reason}")]
pub struct SettingError {
    /// The environment variable.
    pub name: String,
    /// What is wrong and what it must look like: the rest of a sentence that begins with its name.
    pub reason: String,
}

impl SettingError {
    /// `name` is there, but `reason`: the rest of a sentence, such as "must be a whole number".
    pub fn malformed(name: &str, reason: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            reason: reason.into(),
        }
    }
}

/// The settings of a function by name. Prints nothing by `Debug`, since some are secret.
pub struct Settings {
    by_name: HashMap<String, String>,
    /// Made when it is first asked for.
    db: OnceLock<Arc<Db>>,
    clock: Clock,
    random: Random,
}

impl Settings {
    /// The settings in this process's environment.
    pub fn from_env() -> Self {
        let readable = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self::of(std::env::vars_os().filter_map(readable).collect())
    }

    /// These settings, as a test gives them.
    pub fn from_map<const N: usize>(settings: [(&str, &str); N]) -> Self {
        let owned = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self::of(owned.into())
    }

    /// These variables, as they would stand in a function's environment.
    pub fn from_variables(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self::of(variables.into_iter().collect())
    }

    fn of(by_name: HashMap<String, String>) -> Self {
        Self {
            by_name,
            db: OnceLock::new(),
            clock: Arc::new(system_time),
            random: Random::system(),
        }
    }

    /// These settings, with what the Parameter Store holds for those that name a parameter: `LINK_KEY_PARAMETER` is the path
    /// of `LINK_KEY`. One request for all of them, once a start.
    pub(crate) async fn with_parameters(mut self) -> Result<Self, SettingError> {
        let named = self.by_name.iter().filter_map(|(name, path)| {
            let setting = name.strip_suffix(PARAMETER)?;
            Some((setting.to_owned(), path.clone()))
        });
        let named: Vec<(String, String)> = named.collect();
        let Some((first, _)) = named.first() else {
            return Ok(self);
        };
        let unread = |reason: String| SettingError::malformed(first, reason);
        let connection = connection(&self)?;
        let endpoint = endpoint(&self, "AWS_ENDPOINT_URL_SSM");
        let paths = named.iter().map(|(_, path)| path.clone()).collect();
        let values = cloud::parameters::read(&connection, endpoint.as_deref(), paths).await;
        let values =
            values.map_err(|error| unread(format!("can't be read: {}", causes(Some(&error)))))?;
        for (setting, path) in named {
            let value = values.get(&path).map(|value| value.expose().clone());
            self.by_name.insert(setting, value.unwrap_or_default());
        }
        Ok(self)
    }

    /// These settings for a function that runs in simulated time, with this connection, this clock and these random
    /// bytes.
    pub fn simulated(
        by_name: HashMap<String, String>,
        db: Arc<Db>,
        clock: Clock,
        random: Random,
    ) -> Self {
        Self {
            by_name,
            db: db.into(),
            clock,
            random,
        }
    }

    /// What time it is.
    pub fn clock(&self) -> Clock {
        Arc::clone(&self.clock)
    }

    /// Where random bytes come from.
    pub fn random(&self) -> Random {
        self.random.clone()
    }

    /// The connection to DynamoDB: `connect`ed once, and the same from then on.
    pub(crate) fn db(
        &self,
        connect: impl FnOnce() -> Result<Arc<Db>, SettingError>,
    ) -> Result<Arc<Db>, SettingError> {
        if let Some(db) = self.db.get() {
            return Ok(Arc::clone(db));
        }
        let db = connect()?;
        Ok(Arc::clone(self.db.get_or_init(|| db)))
    }

    /// A text that must be there. An empty one counts as missing.
    pub fn text(&self, name: &str) -> Result<&str, SettingError> {
        self.optional(name).ok_or_else(|| {
            SettingError::malformed(name, "is missing: it must be set and not be empty")
        })
    }

    /// A text that may be there.
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.by_name
            .get(name)
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    }

    /// A secret key: at least 32 bytes, written in base64 or base64url, padded or not.
    pub fn key(&self, name: &str) -> Result<Vec<u8>, SettingError> {
        let url_safe = self
            .text(name)?
            .trim_end_matches('=')
            .replace('+', "-")
            .replace('/', "_");
        BASE64URL_NOPAD
            .decode(url_safe.as_bytes())
            .ok()
            .filter(|key| key.len() >= 32)
            .ok_or_else(|| {
                SettingError::malformed(name, "must be at least 32 bytes in base64 or base64url")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_setting_is_named_in_one_clear_line() {
        let settings = Settings::from_map([("EMPTY", "")]);
        for name in ["ORDERS_TABLE", "EMPTY"] {
            let error = settings.text(name).unwrap_err();
            let line = crate::Error::from(error);
            assert_eq!(
                format!("{line:?}"),
                format!("the setting {name} is missing: it must be set and not be empty")
            );
        }
        assert_eq!(settings.optional("EMPTY"), None);
    }

    #[test]
    fn keys_come_in_either_alphabet_and_are_long_enough() {
        let bytes = [0xfb; 32];
        for text in [
            data_encoding::BASE64.encode(&bytes),
            data_encoding::BASE64_NOPAD.encode(&bytes),
            data_encoding::BASE64URL.encode(&bytes),
            data_encoding::BASE64URL_NOPAD.encode(&bytes),
        ] {
            let settings = Settings::from_map([("KEY", &text)]);
            assert_eq!(settings.key("KEY").unwrap(), bytes);
        }
    }

    #[test]
    fn a_bad_key_is_refused_without_being_told() {
        let short = data_encoding::BASE64.encode(&[7; 31]);
        for text in [
            short.as_str(),
            "hunter2 hunter2 hunter2 hunter2 hunter2 hunter2",
        ] {
            let error = Settings::from_map([("KEY", text)]).key("KEY").unwrap_err();
            assert_eq!(
                error.to_string(),
                "the setting KEY must be at least 32 bytes in base64 or base64url"
            );
        }
    }
}
