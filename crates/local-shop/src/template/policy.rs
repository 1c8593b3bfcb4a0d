//! What a function may do with tables, by its `Policies`.

mod statement;

#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, fmt};

use super::{TemplateError, scope::Scope, yaml::Node};
use statement::{granted, has_only, list};

/// What can be done to items. A transaction needs what it does to each of them, and no action of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Reads items by their keys, several at once.
    BatchGetItem,
    /// Has a transaction depend on an item.
    ConditionCheckItem,
    /// Deletes an item.
    DeleteItem,
    /// Reads an item by its key.
    GetItem,
    /// Puts an item.
    PutItem,
    /// Reads items of one partition.
    Query,
    /// Reads all items.
    Scan,
    /// Changes an item.
    UpdateItem,
}

impl Action {
    const ALL: [Self; 8] = [
        Self::BatchGetItem,
        Self::ConditionCheckItem,
        Self::DeleteItem,
        Self::GetItem,
        Self::PutItem,
        Self::Query,
        Self::Scan,
        Self::UpdateItem,
    ];

    /// Its name, which a statement writes behind `dynamodb:`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BatchGetItem => "BatchGetItem",
            Self::ConditionCheckItem => "ConditionCheckItem",
            Self::DeleteItem => "DeleteItem",
            Self::GetItem => "GetItem",
            Self::PutItem => "PutItem",
            Self::Query => "Query",
            Self::Scan => "Scan",
            Self::UpdateItem => "UpdateItem",
        }
    }

    /// The action with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == name)
    }
}

/// One thing that a function may do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// What.
    pub action: Action,
    /// The table's name, resolved.
    pub table: String,
    /// The index of the table; the table itself when absent.
    pub index: Option<String>,
    /// What the partition keys of the items are like, where a `*` at the end is anything; all items when absent.
    pub keys: Option<String>,
}

impl Grant {
    fn is_about(&self, action: Action, table: &str, index: Option<&str>) -> bool {
        self.action == action && self.table == table && self.index.as_deref() == index
    }

    fn means(&self, key: &str) -> bool {
        let like = |pattern: &str| match pattern.strip_suffix('*') {
            Some(beginning) => key.starts_with(beginning),
            None => key == pattern,
        };
        self.keys.as_deref().is_none_or(like)
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.action.as_str(), self.table)?;
        if let Some(index) = &self.index {
            write!(f, "/index/{index}")?;
        }
        match &self.keys {
            Some(keys) => write!(f, " of {keys}"),
            None => Ok(()),
        }
    }
}

/// What a function may do with tables. Whatever is not in it, it may not.
#[derive(Clone, Debug, Default)]
pub struct Policy(BTreeSet<Grant>);

impl Policy {
    /// Everything it allows.
    pub fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.0.iter()
    }

    /// What allows this action, on an item with this partition key if it is about one.
    pub fn grant(
        &self,
        action: Action,
        table: &str,
        index: Option<&str>,
        key: Option<&str>,
    ) -> Option<&Grant> {
        self.0.iter().find(|grant| {
            grant.is_about(action, table, index) && key.is_none_or(|key| grant.means(key))
        })
    }

    /// Adds what a statement allows. A condition is one of a statement, so two about the same thing would have to be
    /// kept apart; and one of them is too many.
    fn add(
        &mut self,
        scope: &Scope,
        statement: &Node,
        granted: Vec<Grant>,
    ) -> Result<(), TemplateError> {
        let is_known = |new: &&Grant| {
            let index = new.index.as_deref();
            let mut known = self.0.iter();
            known.any(|old| old.is_about(new.action, &new.table, index))
        };
        if let Some(grant) = granted.iter().find(is_known) {
            let what = format!("{grant} is allowed here and in another statement");
            return Err(scope.error(statement, what));
        }
        self.0.extend(granted);
        Ok(())
    }
}

/// The policy of a function with these properties.
pub(super) fn policy(scope: &Scope, properties: &Node) -> Result<Policy, TemplateError> {
    if let Some(role) = properties.get("Role") {
        let what = "a function has a role of its own, which SAM makes from its Policies";
        return Err(scope.error(role, what));
    }
    let mut policy = Policy::default();
    let Some(documents) = properties.get("Policies") else {
        return Ok(policy);
    };
    for document in list(scope, documents)? {
        has_only(scope, document, &["Version", "Statement"])?;
        for statement in list(scope, scope.need(document, "Statement")?)? {
            if let Some(statement) = scope.chosen(statement)? {
                policy.add(scope, statement, granted(scope, statement)?)?;
            }
        }
    }
    Ok(policy)
}
