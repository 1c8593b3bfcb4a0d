//! How many tries are let through in a quarter of an hour.

use std::net::IpAddr;

use store::throttle::{Subject, address};

use crate::{SettingError, Settings};

/// The setting with the limits that are not the usual ones.
const SETTING: &str = "LIMITS";

macro_rules! limits {
    ($($(#[$doc:meta])* $field:ident $name:literal $usual:literal,)*) => {
        /// How many tries are let through in a window; none is no limit.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Limits {
            $($(#[$doc])* pub $field: Option<u32>,)*
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($field: Some($usual),)* }
            }
        }

        impl Limits {
            /// The name of each, as the setting has it.
            const NAMES: &[&str] = &[$($name,)*];

            fn named(&mut self, name: &str) -> Option<&mut Option<u32>> {
                match name {
                    $($name => Some(&mut self.$field),)*
                    _ => None,
                }
            }
        }
    };
}

limits! {
    /// Failed log-ins of an account, from anywhere.
    log_ins_per_account "log-ins-per-account" 100,
    /// Failed log-ins of an account from one address.
    log_ins_per_address "log-ins-per-address" 10,
    /// Failed log-ins from a device that logged in before, and wrong passwords in a session or by a used link.
    log_ins_per_device "log-ins-per-device" 10,
    /// Registrations from one address, made or refused.
    registrations_per_address "registrations-per-address" 50,
    /// Messages to one account that somebody asks for, or brings about by registering it.
    messages_per_account "messages-per-account" 5,
    /// Messages that one address asks for.
    messages_per_address "messages-per-address" 30,
    /// Declined payments of a customer.
    declined_per_customer "declined-per-customer" 20,
    /// Declined payments from one address.
    declined_per_address "declined-per-address" 50,
}

impl Limits {
    /// The limits that the setting `LIMITS` changes, such as `log-ins-per-account=200,log-ins-per-address=off`.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let mut limits = Self::default();
        let text = settings.optional(SETTING).unwrap_or_default();
        for limit in text.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            let (name, most) = limit.split_once('=').unwrap_or((limit, ""));
            let most = match most.trim() {
                "off" => None,
                number => match number.parse() {
                    Ok(most) if most > 0 => Some(most),
                    _ => return Err(malformed(name)),
                },
            };
            *limits.named(name.trim()).ok_or_else(|| malformed(name))? = most;
        }
        Ok(limits)
    }

    /// Who tries to log in with the e-mail address of this digest: a device that did before, or somebody at `ip`.
    pub fn log_in(
        &self,
        account: &str,
        ip: Option<IpAddr>,
        device: Option<&str>,
    ) -> [Option<Subject>; 2] {
        if let Some(device) = device {
            return [self.device(device), None];
        }
        let here = [account, &address(ip)];
        let here = Subject::new("log-in", &here, self.log_ins_per_address);
        let anywhere = Subject::new("log-in", &[account], self.log_ins_per_account);
        [
            here.map(Subject::until_success),
            anywhere.map(Subject::only_failures),
        ]
    }

    /// Who tries a password from a device that logged in before.
    pub fn device(&self, device: &str) -> Option<Subject> {
        let device = Subject::new("device", &[device], self.log_ins_per_device);
        device.map(Subject::until_success)
    }

    /// Who tries passwords by a link.
    pub fn link(&self, id: &str) -> Option<Subject> {
        let link = Subject::new("link", &[id], self.log_ins_per_device);
        link.map(Subject::until_success)
    }

    /// Who registers.
    pub fn registration(&self, ip: Option<IpAddr>) -> Option<Subject> {
        Subject::new("register", &[&address(ip)], self.registrations_per_address)
    }

    /// Who has a message sent to the e-mail address of this digest.
    pub fn message(&self, account: &str, ip: Option<IpAddr>) -> [Option<Subject>; 2] {
        let from = Subject::new("message-from", &[&address(ip)], self.messages_per_address);
        [from, self.message_to(account)]
    }

    /// To whom a message is sent: the e-mail address of this digest.
    pub fn message_to(&self, account: &str) -> Option<Subject> {
        Subject::new("message-to", &[account], self.messages_per_account)
    }

    /// Whose payments are declined.
    pub fn declined(&self, customer: &str, ip: Option<IpAddr>) -> Vec<Subject> {
        let subjects = [
            Subject::new("declined", &[customer], self.declined_per_customer),
            Subject::new("declined-from", &[&address(ip)], self.declined_per_address),
        ];
        subjects.into_iter().flatten().collect()
    }
}

fn malformed(name: &str) -> SettingError {
    let known = Limits::NAMES.join(", ");
    SettingError::malformed(
        SETTING,
        format!(
            "must be limits such as log-ins-per-account=200 or log-ins-per-address=off, and {name} is none; there are {known}"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(text: &str) -> Result<Limits, SettingError> {
        Limits::from_settings(&Settings::from_map([(SETTING, text)]))
    }

    #[test]
    fn what_the_setting_does_not_name_is_as_usual() {
        assert_eq!(limits("").unwrap(), Limits::default());
        let some = limits("log-ins-per-account=3, log-ins-per-address=off").unwrap();
        let usual = Limits {
            log_ins_per_account: Some(3),
            log_ins_per_address: None,
            ..Limits::default()
        };
        assert_eq!(some, usual);
    }

    #[test]
    fn what_is_no_limit_is_refused_with_those_there_are() {
        for text in [
            "log-ins",
            "log-ins-per-account",
            "log-ins-per-account=0",
            "log-ins-per-account=-1",
            "=1",
        ] {
            let error = limits(text).unwrap_err().to_string();
            assert!(error.contains("declined-per-customer"), "{error}");
        }
    }

    #[test]
    fn without_a_limit_nobody_is_counted() {
        let off = limits("log-ins-per-address=off,registrations-per-address=off").unwrap();
        let [here, anywhere] = off.log_in("account", None, None);
        assert!(here.is_none() && anywhere.is_some());
        assert_eq!(off.registration(None), None);
    }

    #[test]
    fn a_known_device_uses_up_nothing_that_others_have() {
        let limits = Limits::default();
        let strangers = limits.log_in("account", None, None);
        let [device, none] = limits.log_in("account", None, Some("device"));
        assert!(none.is_none() && device.is_some() && !strangers.contains(&device));
    }
}
