//! Accounts and what their owners may do.

use std::{fmt, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Email, Timestamp, UserId};

/// How long an account's access token is good. Nothing can end it earlier, so it is short.
pub const ACCESS_TOKEN_LIFE: Duration = Duration::from_secs(10 * 60);

/// How long a guest's session is good, and with it a guest's cart.
pub const GUEST_SESSION_LIFE: Duration = Duration::from_secs(30 * 24 * 3600);

/// What somebody with a session may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Has no account: fills a cart.
    Guest,
    /// Buys.
    Customer,
    /// Runs the shop.
    Staff,
}

impl Role {
    /// Its name in tokens, items and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Customer => "customer",
            Self::Staff => "staff",
        }
    }
}

/// Who makes a request, as its session says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The user, or the guest.
    pub id: UserId,
    /// What they may do.
    pub role: Role,
}

/// An account as its owner sees it.
#[derive(Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct User {
    /// The user's id.
    pub id: UserId,
    /// The address the account is known by.
    pub email: Email,
    /// Whether they have shown that they read what is sent there.
    pub email_verified: bool,
    /// How the user wants to be called.
    pub name: Option<String>,
    /// What they may do.
    pub role: Role,
    /// When they registered.
    pub created_at: Timestamp,
}

impl fmt::Debug for User {
    /// Hides what is personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "User({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_last_as_promised() {
        assert_eq!(ACCESS_TOKEN_LIFE.as_secs(), 600);
        assert_eq!(GUEST_SESSION_LIFE.as_secs(), 2_592_000);
    }

    #[test]
    fn a_role_is_written_as_json_writes_it() {
        for role in [Role::Guest, Role::Customer, Role::Staff] {
            let json = serde_json::to_string(&role).unwrap();
            assert_eq!(json, format!("\"{}\"", role.as_str()));
        }
    }
}
