//! What all functions may do by their policies, whatever the parameters are: for people to read, and for programs.
//!
//! [`Policy`](super::Policy) is what one shop's functions may do with items. Here is everything that the templates say,
//! with the conditions under which they say it, and each parameter's name where its value would stand.

use std::path::Path;

use serde::Serialize;

use super::{
    TemplateError,
    policy::{one_or_more, statements},
    scope::{Scope, kind},
    yaml::{Content, Node},
};

/// One thing that a function may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Permission {
    /// The function's service.
    pub service: String,
    /// The function's operation.
    pub function: String,
    /// What, such as `dynamodb:GetItem`.
    pub action: String,
    /// With what: the end of its ARN, or how the template names it where only AWS knows that.
    pub resource: String,
    /// What the partition keys of the items are like; all items when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<String>,
    /// What else a request must be like, such as `ses:FromAddress is <MailFrom>`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<String>,
    /// The conditions of the template under which it may, such as `BuiltInBus` or `not BuiltInBus`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<String>,
}

/// How much a template declares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Declared {
    /// The template's file.
    pub template: String,
    /// Functions in it.
    pub functions: usize,
    /// Statements of their policies.
    pub statements: usize,
    /// Actions that these name.
    pub actions: usize,
    /// All its resources, as they stand there: SAM makes more of them.
    pub resources: usize,
}

/// What the templates in a folder allow and declare.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Permissions {
    /// By template and function, in their order there.
    pub permissions: Vec<Permission>,
    /// By template: the root, then its services.
    pub templates: Vec<Declared>,
}

/// A statement with the conditions of the template under which it is there.
struct Branch<'n> {
    statement: &'n Node,
    when: Vec<String>,
}

impl Permissions {
    /// Reads `template.yaml` in this folder and the templates that it names.
    pub fn load(infra: &Path) -> Result<Self, TemplateError> {
        let mut found = Self::default();
        let root = Scope::by_names(&infra.join("template.yaml"))?;
        found.read(&root, "template.yaml")?;
        for (_, resource) in resources(&root) {
            if kind(resource) == "AWS::Serverless::Application" {
                let properties = root.need(resource, "Properties")?;
                let template = root.text(root.need(properties, "Location")?)?;
                found.read(&Scope::by_names(&infra.join(&template))?, &template)?;
            }
        }
        Ok(found)
    }

    fn read(&mut self, scope: &Scope, template: &str) -> Result<(), TemplateError> {
        let mut declared = Declared {
            template: template.to_owned(),
            resources: resources(scope).count(),
            ..Declared::default()
        };
        let service = template.strip_suffix(".yaml").unwrap_or(template);
        let functions = resources(scope).filter(|(_, it)| kind(it) == "AWS::Serverless::Function");
        for (_, node) in functions {
            declared.functions += 1;
            let binary = node.at(&["Metadata", "BuildProperties", "Binary"]);
            let binary = binary.ok_or_else(|| scope.error(node, "Metadata names no Binary"))?;
            let function = scope.text(binary)?;
            for statement in statements(scope, scope.need(node, "Properties")?)? {
                for Branch { statement, when } in branches(scope, statement, Vec::new())? {
                    declared.statements += 1;
                    let actions = one_or_more(scope.need(statement, "Action")?);
                    declared.actions += actions.len();
                    for permission in allowed(scope, statement)? {
                        self.permissions.push(Permission {
                            service: service.to_owned(),
                            function: function.clone(),
                            when: when.clone(),
                            ..permission
                        });
                    }
                }
            }
        }
        self.templates.push(declared);
        Ok(())
    }
}

/// Every resource of a template, whatever its condition.
fn resources(scope: &Scope) -> impl Iterator<Item = (&str, &Node)> {
    let resources = scope.root.get("Resources");
    resources.into_iter().flat_map(Node::entries)
}

/// What may stand here, by the conditions that decide it.
fn branches<'n>(
    scope: &Scope,
    node: &'n Node,
    when: Vec<String>,
) -> Result<Vec<Branch<'n>>, TemplateError> {
    match (node.tag.as_deref(), &node.content) {
        (Some("Ref"), Content::Text(name)) if name == "AWS::NoValue" => Ok(Vec::new()),
        (Some("If"), Content::List(parts)) => match parts.as_slice() {
            [condition, yes, no] => {
                let condition = written(scope, condition);
                let with =
                    |it: String| -> Vec<String> { when.iter().cloned().chain([it]).collect() };
                let mut both = branches(scope, yes, with(condition.clone()))?;
                both.extend(branches(scope, no, with(format!("not {condition}")))?);
                Ok(both)
            }
            _ => Err(scope.error(node, "!If takes a condition and two values")),
        },
        _ => Ok(vec![Branch {
            statement: node,
            when,
        }]),
    }
}

/// What a statement allows, to whomever it belongs.
fn allowed(scope: &Scope, statement: &Node) -> Result<Vec<Permission>, TemplateError> {
    let (mut keys, mut conditions) = (vec![None], Vec::new());
    let operators = statement.get("Condition").into_iter();
    for (operator, tests) in operators.flat_map(Node::entries) {
        for (key, values) in tests.entries() {
            let values = one_or_more(values).iter();
            let values: Vec<String> = values.map(|it| written(scope, it)).collect();
            match (key, operator) {
                ("dynamodb:LeadingKeys", _) => keys = values.into_iter().map(Some).collect(),
                (_, "StringEquals") => conditions.push(format!("{key} is {}", values.join(" or "))),
                _ => conditions.push(format!("{key} {operator} {}", values.join(" or "))),
            }
        }
    }
    let mut allowed = Vec::new();
    for resource in one_or_more(scope.need(statement, "Resource")?) {
        let resource = written(scope, resource);
        for action in one_or_more(scope.need(statement, "Action")?) {
            let action = scope.text(action)?;
            allowed.extend(keys.iter().map(|keys| Permission {
                action: action.clone(),
                resource: end_of(&resource).to_owned(),
                keys: keys.clone(),
                conditions: conditions.clone(),
                ..Permission::default()
            }));
        }
    }
    Ok(allowed)
}

/// The text that this comes to, or what the template has in its place when only AWS knows.
fn written(scope: &Scope, node: &Node) -> String {
    let known = scope.text(node).ok();
    known.unwrap_or_else(|| node.text().unwrap_or_default().to_owned())
}

/// The end of an ARN, before which stand its partition, service, Region and account. What is none stays whole.
fn end_of(arn: &str) -> &str {
    let parts = arn.strip_prefix("arn:").map(|rest| rest.splitn(5, ':'));
    parts.and_then(|mut parts| parts.nth(4)).unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::template::tests::{ROOT, folder, infra, shop};

    /// A line a permission.
    fn told(permissions: &Permissions) -> Vec<String> {
        let lines = permissions.permissions.iter().map(|it| {
            let keys = it.keys.iter().map(|keys| format!("of {keys}"));
            let words = [it.function.clone(), it.action.clone(), it.resource.clone()];
            let rest = keys.chain(it.conditions.clone()).chain(it.when.clone());
            words.into_iter().chain(rest).collect::<Vec<_>>().join(" ")
        });
        lines.collect()
    }

    #[test]
    fn every_branch_of_a_policy_is_there_with_its_conditions() {
        let service = r#"Parameters: {Shop: {Type: String}, Sender: {Type: String}}
Resources:
  ThingsTable:
    Type: AWS::DynamoDB::Table
    Condition: BuiltIn
    Properties: {TableName: !Sub "${Shop}-things"}
  F:
    Type: AWS::Serverless::Function
    Metadata: {BuildProperties: {Binary: f}}
    Properties:
      Policies:
        - Statement:
            - {Effect: Allow, Action: [dynamodb:GetItem, dynamodb:PutItem], Resource: !GetAtt ThingsTable.Arn, Condition: {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["A#*", "B#*"]}}}
            - !If
              - BuiltIn
              - {Effect: Allow, Action: dynamodb:Scan, Resource: !Sub "${ThingsTable.Arn}/index/by-pk"}
              - !If
                - Mailed
                - {Effect: Allow, Action: ses:SendEmail, Resource: "*", Condition: {StringEquals: {"ses:FromAddress": !Ref Sender}}}
                - !Ref AWS::NoValue
            - {Effect: Allow, Action: events:PutEvents, Resource: !GetAtt Bus.Arn}
"#;
        let folder = folder(ROOT, service);
        let found = Permissions::load(folder.path()).unwrap();
        assert_eq!(
            told(&found),
            [
                "f dynamodb:GetItem table/<Shop>-things of A#*",
                "f dynamodb:GetItem table/<Shop>-things of B#*",
                "f dynamodb:PutItem table/<Shop>-things of A#*",
                "f dynamodb:PutItem table/<Shop>-things of B#*",
                "f dynamodb:Scan table/<Shop>-things/index/by-pk BuiltIn",
                "f ses:SendEmail * ses:FromAddress is <Sender> not BuiltIn Mailed",
                "f events:PutEvents Bus.Arn",
            ]
        );
        let things = Declared {
            template: "things.yaml".to_owned(),
            functions: 1,
            statements: 4,
            actions: 5,
            resources: 2,
        };
        assert_eq!(found.templates[1], things);
        assert_eq!(found.templates[0].resources, 1);
    }

    #[test]
    fn all_that_a_shops_functions_may_do_with_items_is_among_it() {
        let found = Permissions::load(&infra()).unwrap();
        let told: BTreeSet<String> = found
            .permissions
            .iter()
            .map(|it| {
                let keys = it.keys.as_ref().map(|keys| format!(" of {keys}"));
                let resource = it.resource.replace("<Shop>", "a-Shop");
                let keys = keys.unwrap_or_default();
                format!("{} {} {resource}{keys}", it.function, it.action)
            })
            .collect();
        let mut grants = 0;
        for operation in shop().operations() {
            for grant in operation.policy.grants() {
                let (action, what) = (grant.action.as_str(), grant.to_string());
                let (_, what) = what.split_once(" on ").unwrap();
                let line = format!("{} dynamodb:{action} table/{what}", operation.name);
                assert!(told.contains(&line), "{line} is missing");
                grants += 1;
            }
        }
        assert!(grants > 100, "only {grants}");
    }
}
