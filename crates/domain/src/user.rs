//! Accounts and what their owners may do.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, UserId};

/// What somebody with a session may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct User {
    /// The user's id.
    pub id: UserId,
    /// The address the account is known by.
    pub email: String,
    /// How the user wants to be called.
    pub name: Option<String>,
    /// What they may do.
    pub role: Role,
    /// When they registered.
    pub created_at: Timestamp,
}
