//! What requests cost.

use std::collections::BTreeMap;

/// What a world's server was asked, and what that cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meter {
    /// Requests that arrived, by DynamoDB's name for them.
    pub requests: BTreeMap<String, u64>,
    /// Write units of tables: 1 for each started KB of an item, twice that in a transaction.
    pub write_units: u64,
    /// Transactions and writes that met an item held by another transaction.
    pub conflicts: u64,
    /// Requests that were answered with an error on purpose, by [`Meddling::Refuse`](crate::Meddling::Refuse).
    pub refused: u64,
}

impl Meter {
    /// How many requests of this kind arrived.
    pub fn requests(&self, operation: &str) -> u64 {
        self.requests.get(operation).copied().unwrap_or_default()
    }
}
