//! Who may call an operation with a route, and whether it asks for an Idempotency-Key: `Operation` in the `Metadata` of
//! its function.

use std::{collections::BTreeSet, fmt};

use super::{TemplateError, scope::Scope, yaml::Node};

/// Somebody who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Everybody, with a session or without one.
    Anyone,
    /// Whoever has a guest's session.
    Guest,
    /// A customer.
    Customer,
    /// The customer whose order it is.
    Owner,
    /// The shop's people.
    Staff,
}

impl Who {
    const ALL: [Self; 5] = [
        Self::Anyone,
        Self::Guest,
        Self::Customer,
        Self::Owner,
        Self::Staff,
    ];

    /// The word for them in a template.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anyone => "anyone",
            Self::Guest => "guest",
            Self::Customer => "customer",
            Self::Owner => "owner",
            Self::Staff => "staff",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|who| who.as_str() == word)
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a function's metadata says about calling it.
pub(super) struct Access {
    pub callers: BTreeSet<Who>,
    pub needs_key: bool,
}

/// The part of a function's metadata that is about calling it.
pub(super) fn declared(function: &Node) -> Option<&Node> {
    function.at(&["Metadata", "Operation"])
}

/// Reads it, for a function with a route, which must have it.
pub(super) fn access(scope: &Scope, function: &Node) -> Result<Access, TemplateError> {
    let declared = declared(function).ok_or_else(|| {
        let what = "a function with a route says who may call it; add Operation with Callers to its Metadata";
        scope.error(function, what)
    })?;
    for (name, node) in declared.entries() {
        if !matches!(name, "Callers" | "IdempotencyKey") {
            let what = format!("Operation has Callers and IdempotencyKey, and no {name}");
            return Err(scope.error(node, what));
        }
    }
    let needs_key = match declared.get("IdempotencyKey") {
        None => false,
        Some(node) if node.plain() == Some("required") => true,
        Some(node) => {
            let what = "an IdempotencyKey is required or not spoken of";
            return Err(scope.error(node, what));
        }
    };
    Ok(Access {
        callers: callers(scope, scope.need(declared, "Callers")?)?,
        needs_key,
    })
}

fn callers(scope: &Scope, list: &Node) -> Result<BTreeSet<Who>, TemplateError> {
    let mut callers = BTreeSet::new();
    for node in list.elements() {
        let who = node.plain().and_then(Who::parse).ok_or_else(|| {
            let known = Who::ALL.map(Who::as_str).join(", ");
            scope.error(node, format!("a caller is one of {known}"))
        })?;
        callers.insert(who);
    }
    if callers.is_empty() {
        return Err(scope.error(list, "Callers is a list of at least one"));
    }
    if callers.contains(&Who::Owner) && callers.contains(&Who::Customer) {
        let what =
            "an owner is a customer; say customer, or owner where it must be their own order";
        return Err(scope.error(list, what));
    }
    Ok(callers)
}
