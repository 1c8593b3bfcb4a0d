//! A statement of a policy.
//!
//! Those about streams, parameters, queues and mail are looked at for wildcards only. Nothing on one machine could hold a
//! function to them: here it has its keys in its environment, and its stream is brought to it.

use super::{Action, Grant};
use crate::template::{
    TemplateError,
    scope::{Scope, arn},
    yaml::{Content, Node},
};

/// The known actions that are not about items.
const ELSEWHERE: [&str; 7] = [
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
    "ses:SendEmail",
    "sqs:SendMessage",
    "ssm:GetParameters",
];

/// What a statement allows to be done to items.
pub(super) fn granted(scope: &Scope, statement: &Node) -> Result<Vec<Grant>, TemplateError> {
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
    let mut actions = Vec::new();
    for name in names {
        actions.extend(action(scope, name)?);
    }
    if actions.is_empty() {
        return Ok(Vec::new());
    }
    if actions.len() < names.len() {
        let what = "a statement is about items or about something else, and not about both";
        return Err(scope.error(statement, what));
    }
    let keys = leading_keys(scope, statement, &actions)?;
    let mut granted = Vec::new();
    for resource in resources {
        let (table, index) = table_or_index(scope, resource)?;
        for action in &actions {
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

/// The action on items that is named; `None` if it is a known one that is not about items.
fn action(scope: &Scope, node: &Node) -> Result<Option<Action>, TemplateError> {
    let name = scope.text(node)?;
    let action = name.strip_prefix("dynamodb:").and_then(Action::parse);
    if action.is_none() && !ELSEWHERE.contains(&name.as_str()) {
        return Err(scope.error(node, format!("what {name} allows is not known here")));
    }
    Ok(action)
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
fn one_or_more(node: &Node) -> &[Node] {
    match (&node.tag, &node.content) {
        (None, Content::List(nodes)) => nodes.as_slice(),
        _ => std::slice::from_ref(node),
    }
}
