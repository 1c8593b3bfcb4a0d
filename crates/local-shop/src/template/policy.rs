//! What a function may do, by its `Policies`: with items of tables, and with anything else.

mod service;
mod statement;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::{TemplateError, scope::Scope, yaml::Node};
pub use service::{ServiceAction, ServiceGrant};
pub(super) use statement::one_or_more;
use statement::{Granted, granted, has_only, list};

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

/// What a function may do. Whatever is not in it, it may not.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    items: BTreeSet<Grant>,
    services: BTreeSet<ServiceGrant>,
}

impl Policy {
    /// Everything it allows with items.
    pub fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.items.iter()
    }

    /// Everything else that it allows.
    pub fn services(&self) -> impl Iterator<Item = &ServiceGrant> {
        self.services.iter()
    }

    /// What allows this action, on an item with this partition key if it is about one.
    pub fn grant(
        &self,
        action: Action,
        table: &str,
        index: Option<&str>,
        key: Option<&str>,
    ) -> Option<&Grant> {
        self.items.iter().find(|grant| {
            grant.is_about(action, table, index) && key.is_none_or(|key| grant.means(key))
        })
    }

    /// What allows this action on what has this ARN, to a request that says this.
    pub fn service_grant(
        &self,
        action: ServiceAction,
        resource: &str,
        said: &BTreeMap<String, String>,
    ) -> Option<&ServiceGrant> {
        self.services
            .iter()
            .find(|grant| grant.is_about(action, resource) && grant.means(said))
    }

    /// Adds what a statement allows. A condition is one of a statement, so two about the same thing would have to be
    /// kept apart; and one of them is too many.
    fn add(
        &mut self,
        scope: &Scope,
        statement: &Node,
        granted: Granted,
    ) -> Result<(), TemplateError> {
        let twice = match &granted {
            Granted::Items(new) => new.iter().find(|it| self.knows(it)).map(Grant::to_string),
            Granted::Services(new) => {
                let mut new = new.iter();
                new.find(|it| self.knows_service(it))
                    .map(ServiceGrant::to_string)
            }
        };
        if let Some(grant) = twice {
            let what = format!("{grant} is allowed here and in another statement");
            return Err(scope.error(statement, what));
        }
        match granted {
            Granted::Items(new) => self.items.extend(new),
            Granted::Services(new) => self.services.extend(new),
        }
        Ok(())
    }

    fn knows(&self, new: &Grant) -> bool {
        let mut known = self.items.iter();
        known.any(|old| old.is_about(new.action, &new.table, new.index.as_deref()))
    }

    fn knows_service(&self, new: &ServiceGrant) -> bool {
        let mut known = self.services.iter();
        known.any(|old| old.is_about(new.action, &new.resource))
    }
}

/// The policy of a function with these properties.
pub(super) fn policy(scope: &Scope, properties: &Node) -> Result<Policy, TemplateError> {
    let mut policy = Policy::default();
    for statement in statements(scope, properties)? {
        if let Some(statement) = scope.chosen(statement)? {
            policy.add(scope, statement, granted(scope, statement)?)?;
        }
    }
    Ok(policy)
}

/// The statements of a function with these properties, or what is to be decided in the place of one.
pub(super) fn statements<'n>(
    scope: &Scope,
    properties: &'n Node,
) -> Result<Vec<&'n Node>, TemplateError> {
    if let Some(role) = properties.get("Role") {
        let what = "a function has a role of its own, which SAM makes from its Policies";
        return Err(scope.error(role, what));
    }
    let mut statements = Vec::new();
    let Some(documents) = properties.get("Policies") else {
        return Ok(statements);
    };
    for document in list(scope, documents)? {
        has_only(scope, document, &["Version", "Statement"])?;
        statements.extend(list(scope, scope.need(document, "Statement")?)?);
    }
    Ok(statements)
}
