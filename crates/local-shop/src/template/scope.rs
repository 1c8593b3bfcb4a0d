//! The values of one template: parameters, conditions, and the functions `!Ref`, `!Sub`, `!GetAtt`, `!If`.

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    TemplateError,
    yaml::{Content, Node},
};
use crate::environment::REGION;

const TABLE: &str = "AWS::DynamoDB::Table";
const PARTITION: &str = "aws";
const ACCOUNT: &str = "000000000000";

/// How the ARN of a table's stream ends. On AWS it is the time when it was switched on.
const STREAM: &str = "/stream/2026-11-01T00:00:00.000";

/// The ARN of something in the account that everything local claims to be in.
pub fn arn(service: &str, resource: &str) -> String {
    format!("arn:{PARTITION}:{service}:{REGION}:{ACCOUNT}:{resource}")
}

/// A template with the values that its parameters have.
pub(super) struct Scope {
    pub file: PathBuf,
    pub root: Node,
    /// A value, or why there is none: a parameter that nobody uses may stay unknown.
    parameters: BTreeMap<String, Result<String, String>>,
}

impl Scope {
    /// The template in `file`; `given` beats the defaults that it declares.
    pub fn open(
        file: &Path,
        given: &BTreeMap<String, Result<String, String>>,
    ) -> Result<Self, TemplateError> {
        let text = std::fs::read_to_string(file).map_err(|source| TemplateError::Unreadable {
            file: file.into(),
            source,
        })?;
        let root = Node::parse(&text).map_err(|(line, what)| TemplateError::At {
            file: file.into(),
            line,
            what,
        })?;
        let declared = root.get("Parameters").into_iter().flat_map(Node::entries);
        let parameters = declared
            .map(|(name, node)| {
                let default = || node.get("Default").and_then(Node::plain).map(str::to_owned);
                let value = given.get(name).cloned().unwrap_or_else(|| {
                    default().ok_or_else(|| format!("parameter {name} has no value and no default"))
                });
                (name.to_owned(), value)
            })
            .collect();
        Ok(Self {
            file: file.into(),
            root,
            parameters,
        })
    }

    /// The names of the parameters that the template declares.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.parameters.keys().map(String::as_str)
    }

    /// The template in `file`, in which each parameter has its own name for its value, as `<Shop>`.
    pub fn by_names(file: &Path) -> Result<Self, TemplateError> {
        let mut scope = Self::open(file, &BTreeMap::new())?;
        for (name, value) in &mut scope.parameters {
            *value = Ok(format!("<{name}>"));
        }
        Ok(scope)
    }

    /// The error that `what` is wrong at `node`.
    pub fn error(&self, node: &Node, what: impl Into<String>) -> TemplateError {
        TemplateError::At {
            file: self.file.clone(),
            line: node.line,
            what: what.into(),
        }
    }

    /// The member `name` of `node`, which must be there.
    pub fn need<'n>(&self, node: &'n Node, name: &str) -> Result<&'n Node, TemplateError> {
        node.get(name)
            .ok_or_else(|| self.error(node, format!("{name} is missing here")))
    }

    /// The resources whose condition holds.
    pub fn resources(&self) -> Result<Vec<(&str, &Node)>, TemplateError> {
        let mut resources = Vec::new();
        for (name, node) in self
            .root
            .get("Resources")
            .into_iter()
            .flat_map(Node::entries)
        {
            let exists = match node.get("Condition") {
                Some(condition) => self.condition(condition)?,
                None => true,
            };
            if exists {
                resources.push((name, node));
            }
        }
        Ok(resources)
    }

    /// The text that `node` comes to.
    pub fn text(&self, node: &Node) -> Result<String, TemplateError> {
        self.text_if_any(node)?
            .ok_or_else(|| self.error(node, "a value is needed here"))
    }

    /// The number that `node` comes to.
    pub fn number<N: std::str::FromStr>(&self, node: &Node) -> Result<N, TemplateError> {
        let text = self.text(node)?;
        text.parse()
            .map_err(|_| self.error(node, format!("{text} is no number that fits here")))
    }

    /// What `node` comes to once every `!If` is decided; `None` if that is `AWS::NoValue`.
    pub fn chosen<'n>(&self, node: &'n Node) -> Result<Option<&'n Node>, TemplateError> {
        match (node.tag.as_deref(), &node.content) {
            (Some("Ref"), Content::Text(name)) if name == "AWS::NoValue" => Ok(None),
            (Some("If"), Content::List(parts)) => match parts.as_slice() {
                [condition, yes, no] => {
                    self.chosen(if self.condition(condition)? { yes } else { no })
                }
                _ => Err(self.error(node, "!If takes a condition and two values")),
            },
            _ => Ok(Some(node)),
        }
    }

    /// The text that `node` comes to, unless that is `AWS::NoValue`.
    pub fn text_if_any(&self, node: &Node) -> Result<Option<String>, TemplateError> {
        let Some(node) = self.chosen(node)? else {
            return Ok(None);
        };
        match (node.tag.as_deref(), &node.content) {
            (None, Content::Text(text)) => Ok(Some(text.clone())),
            (Some("Ref"), Content::Text(name)) => self.reference(node, name).map(Some),
            (Some("GetAtt"), Content::Text(name)) => self.attribute(node, name).map(Some),
            (Some("Sub"), Content::Text(pattern)) => self.substitute(node, pattern, None).map(Some),
            (Some("Sub"), Content::List(parts)) => match parts.as_slice() {
                [pattern, values] => {
                    let text = pattern.plain();
                    let text =
                        text.ok_or_else(|| self.error(pattern, "a text is expected here"))?;
                    self.substitute(node, text, Some(values)).map(Some)
                }
                _ => Err(self.error(node, "!Sub takes a text, or a text and values for it")),
            },
            (Some(tag), _) => Err(self.error(node, format!("!{tag} has no meaning locally here"))),
            (None, _) => Err(self.error(node, "one plain value is expected here")),
        }
    }

    fn reference(&self, node: &Node, name: &str) -> Result<String, TemplateError> {
        match name {
            "AWS::Region" => return Ok(REGION.to_owned()),
            "AWS::Partition" => return Ok(PARTITION.to_owned()),
            "AWS::AccountId" => return Ok(ACCOUNT.to_owned()),
            _ => {}
        }
        if let Some(value) = self.parameters.get(name) {
            return value.clone().map_err(|why| self.error(node, why));
        }
        match self.name_of(name) {
            // What is referred to by a queue's logical id is its address.
            Some((kind, own)) if kind != "AWS::SQS::Queue" => self.text(own),
            _ => Err(self.error(
                node,
                format!(
                    "{name} is no parameter of this template and no table or function with a name"
                ),
            )),
        }
    }

    /// An attribute of a resource, as `!GetAtt` names it: known locally are those that follow from a name.
    fn attribute(&self, node: &Node, name: &str) -> Result<String, TemplateError> {
        let (logical_id, attribute) = name.split_once('.').unwrap_or((name, ""));
        let stream = self
            .root
            .at(&["Resources", logical_id, "Properties", "StreamSpecification"]);
        let known = match self.name_of(logical_id) {
            Some((_, _)) if attribute == "StreamArn" && stream.is_none() => None,
            Some((kind, own)) => follows(kind, attribute, &self.text(own)?),
            None => None,
        };
        known.ok_or_else(|| {
            let what = format!(
                "{name} is not the Arn of a table, nor of what else has a name here, nor the StreamArn of a table"
            );
            self.error(node, what)
        })
    }

    /// The type of the resource with this logical id, and where the template gives it a name.
    fn name_of(&self, logical_id: &str) -> Option<(&str, &Node)> {
        let resource = self.root.at(&["Resources", logical_id])?;
        let kind = kind(resource);
        let own = match kind {
            TABLE => "TableName",
            "AWS::Serverless::Function" => "FunctionName",
            "AWS::CloudWatch::Alarm" => "AlarmName",
            "AWS::SQS::Queue" => "QueueName",
            "AWS::Events::EventBus" => "Name",
            _ => return None,
        };
        Some((kind, resource.at(&["Properties", own])?))
    }

    /// The text with a value for each `${name}` in it: one of `values`, if there are some and it is among them.
    fn substitute(
        &self,
        node: &Node,
        pattern: &str,
        values: Option<&Node>,
    ) -> Result<String, TemplateError> {
        let (mut text, mut rest) = (String::new(), pattern);
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after
                .split_once('}')
                .ok_or_else(|| self.error(node, "a ${ without its } stands here"))?;
            let value = match values.and_then(|values| values.get(name)) {
                Some(value) => self.text(value)?,
                None if name.contains('.') => self.attribute(node, name)?,
                None => self.reference(node, name)?,
            };
            text.push_str(before);
            text.push_str(&value);
            rest = after;
        }
        Ok(text + rest)
    }

    /// Whether the condition that `node` names or spells out holds.
    fn condition(&self, node: &Node) -> Result<bool, TemplateError> {
        let tag = node.tag.as_deref();
        match (tag, node.elements()) {
            (None | Some("Condition"), []) => {
                let name = node.text().unwrap_or_default();
                let known = self.root.at(&["Conditions", name]);
                known.map_or_else(
                    || Err(self.error(node, format!("there is no condition {name}"))),
                    |known| self.condition(known),
                )
            }
            (Some("Equals"), [left, right]) => Ok(self.text(left)? == self.text(right)?),
            (Some("Not"), [inner]) => Ok(!self.condition(inner)?),
            (Some("And"), inner) => inner
                .iter()
                .try_fold(true, |all, node| Ok(self.condition(node)? && all)),
            (Some("Or"), inner) => inner
                .iter()
                .try_fold(false, |any, node| Ok(self.condition(node)? || any)),
            _ => Err(self.error(node, "this condition is not understood locally")),
        }
    }
}

/// An attribute of a resource of this type with this name.
fn follows(kind: &str, attribute: &str, own: &str) -> Option<String> {
    Some(match (kind, attribute) {
        (TABLE, "Arn") => arn("dynamodb", &format!("table/{own}")),
        (TABLE, "StreamArn") => arn("dynamodb", &format!("table/{own}{STREAM}")),
        ("AWS::Serverless::Function", "Arn") => arn("lambda", &format!("function:{own}")),
        ("AWS::CloudWatch::Alarm", "Arn") => arn("cloudwatch", &format!("alarm:{own}")),
        ("AWS::Events::EventBus", "Arn") => arn("events", &format!("event-bus/{own}")),
        ("AWS::SQS::Queue", "Arn") => arn("sqs", own),
        ("AWS::SQS::Queue", "QueueName") => own.to_owned(),
        _ => return None,
    })
}

/// A resource's type.
pub(super) fn kind(resource: &Node) -> &str {
    resource
        .get("Type")
        .and_then(Node::plain)
        .unwrap_or_default()
}

/// The resource that `!GetAtt Name.Attribute`, `!Ref Name` or `!Ref Name.Alias` names, or both branches of an `!If` do.
pub(super) fn named(node: &Node) -> Option<&str> {
    match (node.tag.as_deref(), &node.content) {
        (Some("Ref" | "GetAtt"), Content::Text(text)) => text.split('.').next(),
        (Some("If"), Content::List(parts)) => match parts.as_slice() {
            [_, yes, no] => named(yes).filter(|name| named(no) == Some(*name)),
            _ => None,
        },
        _ => None,
    }
}
