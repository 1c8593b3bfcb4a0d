//! A statement of a policy.

use std::collections::BTreeMap;

use super::{Action, Grant, ServiceAction, ServiceGrant};
use crate::template::{
    TemplateError,
    scope::{Scope, arn},
    yaml::{Content, Node},
};

/// What a statement allows: something with items, or something else.
pub(super) enum Granted {
    Items(Vec<Grant>),
    Services(Vec<ServiceGrant>),
}

/// What a statement allows to be done.
pub(super) fn granted(scope: &Scope, statement: &Node) -> Result<Granted, TemplateError> {
    let members = ["Sid", "Effect", "Action", "Resource", "Condition"];
    has_only(scope, statement, &members)?;
    let effect = scope.need(statement, "Effect")?;
    if effect.plain() != Some("Allow") {
        let what = "a statement allows; whatever none allows is denied already";
        return Err(scope.error(effect, what));
    }
    let names = one_or_more(scope.need(statement, "Action")?);
    let resources = one_or_more(scope.need(statement, "Resource")?);
    for node in names.iter().chain(resources) {
        has_no_wildcard(scope, node)?;
    }
    let (mut items, mut services) = (Vec::new(), Vec::new());
    for node in names {
        let name = scope.text(node)?;
        let with_items = name.strip_prefix("dynamodb:").and_then(Action::parse);
        match (with_items, ServiceAction::parse(&name)) {
            (Some(action), _) => items.push(action),
            (None, Some(action)) => services.push(action),
            (None, None) => {
                return Err(scope.error(node, format!("what {name} allows is not known here")));
            }
        }
    }
    if services.is_empty() {
        of_items(scope, statement, &items, resources).map(Granted::Items)
    } else if items.is_empty() {
        of_services(scope, statement, &services, resources).map(Granted::Services)
    } else {
        let what = "a statement is about items or about something else, and not about both";
        Err(scope.error(statement, what))
    }
}

fn of_items(
    scope: &Scope,
    statement: &Node,
    actions: &[Action],
    resources: &[Node],
) -> Result<Vec<Grant>, TemplateError> {
    let keys = leading_keys(scope, statement, actions)?;
    let mut granted = Vec::new();
    for resource in resources {
        let (table, index) = table_or_index(scope, resource)?;
        for action in actions {
            granted.extend(keys.iter().map(|keys| Grant {
                action: *action,
                table: table.clone(),
                index: index.clone(),
                keys: keys.clone(),
            }));
        }
    }
    Ok(granted)
}

fn of_services(
    scope: &Scope,
    statement: &Node,
    actions: &[ServiceAction],
    resources: &[Node],
) -> Result<Vec<ServiceGrant>, TemplateError> {
    let said = what_is_said(scope, statement)?;
    let mut granted = Vec::new();
    for resource in resources {
        let resource = scope.text(resource)?;
        granted.extend(actions.iter().map(|action| ServiceGrant {
            action: *action,
            resource: resource.clone(),
            said: said.clone(),
        }));
    }
    Ok(granted)
}

/// What the condition of a statement wants requests to say.
fn what_is_said(
    scope: &Scope,
    statement: &Node,
) -> Result<BTreeMap<String, String>, TemplateError> {
    let mut said = BTreeMap::new();
    if let Some(condition) = statement.get("Condition") {
        for (key, value) in only(scope, condition, "StringEquals")?.entries() {
            said.insert(key.to_owned(), scope.text(value)?);
        }
    }
    Ok(said)
}

/// The names of the table, and of its index if it is one, with this ARN.
fn table_or_index(scope: &Scope, node: &Node) -> Result<(String, Option<String>), TemplateError> {
    let resource = scope.text(node)?;
    let path = resource.strip_prefix(&arn("dynamodb", "table/"));
    let parts: Vec<&str> = path.unwrap_or_default().split('/').collect();
    match parts.as_slice() {
        [table] if !table.is_empty() => Ok(((*table).to_owned(), None)),
        [table, "index", index] => Ok(((*table).to_owned(), Some((*index).to_owned()))),
        _ => {
            let what = format!("{resource} is not the ARN of a table or of an index of one");
            Err(scope.error(node, what))
        }
    }
}

/// The patterns of partition keys that the condition of a statement leaves; without a condition nothing but `None`, for
/// all items.
fn leading_keys(
    scope: &Scope,
    statement: &Node,
    actions: &[Action],
) -> Result<Vec<Option<String>>, TemplateError> {
    let Some(condition) = statement.get("Condition") else {
        return Ok(vec![None]);
    };
    let like = only(scope, condition, "ForAllValues:StringLike")?;
    let keys = only(scope, like, "dynamodb:LeadingKeys")?;
    // A scan names no keys, so that all of them are like anything.
    if actions.contains(&Action::Scan) || actions.contains(&Action::Query) {
        let what = "a condition on keys is for actions that name the items they are about";
        return Err(scope.error(condition, what));
    }
    let patterns = one_or_more(keys).iter();
    patterns
        .map(|node| pattern(scope, node).map(Some))
        .collect()
}

fn pattern(scope: &Scope, node: &Node) -> Result<String, TemplateError> {
    let pattern = scope.text(node)?;
    let beginning = pattern.strip_suffix('*').unwrap_or(&pattern);
    if beginning.is_empty() || beginning.contains(['*', '?', '$']) {
        let what = "a pattern of keys is a text, with a * at its end or without";
        return Err(scope.error(node, what));
    }
    Ok(pattern)
}

fn has_no_wildcard(scope: &Scope, node: &Node) -> Result<(), TemplateError> {
    match node.text() {
        Some(text) if !text.contains(['*', '?']) => Ok(()),
        Some(_) => {
            let what = "a wildcard allows more than a function needs; name what it uses";
            Err(scope.error(node, what))
        }
        None => Err(scope.error(node, "one name or ARN is expected here")),
    }
}

/// The member with this name, which must be the only one.
fn only<'n>(scope: &Scope, node: &'n Node, name: &str) -> Result<&'n Node, TemplateError> {
    has_only(scope, node, &[name])?;
    scope.need(node, name)
}

/// Fails on a member that has none of these names: what it means would be left out.
pub(super) fn has_only(scope: &Scope, node: &Node, known: &[&str]) -> Result<(), TemplateError> {
    match node.entries().find(|(name, _)| !known.contains(name)) {
        None => Ok(()),
        Some((name, member)) => {
            let what = format!("{name} is not understood here; {} is", known.join(", "));
            Err(scope.error(member, what))
        }
    }
}

/// The elements of a list, which must be one.
pub(super) fn list<'n>(scope: &Scope, node: &'n Node) -> Result<&'n [Node], TemplateError> {
    match (&node.tag, &node.content) {
        (None, Content::List(nodes)) => Ok(nodes.as_slice()),
        _ => Err(scope.error(node, "a list is expected here")),
    }
}

/// The elements of a list, or what stands there instead of one.
pub(in crate::template) fn one_or_more(node: &Node) -> &[Node] {
    match (&node.tag, &node.content) {
        (None, Content::List(nodes)) => nodes.as_slice(),
        _ => std::slice::from_ref(node),
    }
}
