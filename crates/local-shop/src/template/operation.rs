//! The operations that a service's template declares: each a function with what starts it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    Parameters, TemplateError, Who,
    access::{Access, access, declared},
    policy::{Policy, policy},
    queue::Queue,
    rule,
    scope::{Scope, kind, named},
    source::{Source, add_source},
    yaml::Node,
};

/// An operation: one function.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Its name, and that of its executable.
    pub name: String,
    /// Its service's name.
    pub service: String,
    /// The folder of its package, relative to the workspace.
    pub package: String,
    /// The route that leads to it.
    pub route: Option<Route>,
    /// The variables it gets, resolved.
    pub environment: BTreeMap<String, String>,
    /// Those of them that are in the Parameter Store on AWS, and by which path.
    pub parameters: BTreeMap<String, String>,
    /// What it may do.
    pub policy: Policy,
    /// Memory in MiB.
    pub memory_mib: u32,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// The schedule that starts it, such as `rate(1 minute)`.
    pub schedule: Option<String>,
    /// The stream that starts it.
    pub stream: Option<Source>,
    /// The queue that starts it.
    pub queue: Option<Queue>,
}

impl Operation {
    fn is_started(&self) -> bool {
        let by_records = self.stream.is_some() || self.queue.is_some();
        by_records || self.route.is_some() || self.schedule.is_some()
    }

    /// Every so often its schedule starts it. `None` without a schedule, and for one that is not a rate.
    pub fn every(&self) -> Option<Duration> {
        let rate = self.schedule.as_deref()?;
        let rate = rate.strip_prefix("rate(")?.strip_suffix(')')?;
        let (number, unit) = rate.split_once(' ')?;
        let seconds = match unit {
            "minute" | "minutes" => 60,
            "hour" | "hours" => 60 * 60,
            "day" | "days" => 24 * 60 * 60,
            _ => return None,
        };
        let number = number.parse::<u64>().ok().filter(|number| *number > 0)?;
        number.checked_mul(seconds).map(Duration::from_secs)
    }

    /// Puts what the Parameter Store holds into the environment, where it names a parameter: `LINK_KEY_PARAMETER` is the
    /// path of what becomes `LINK_KEY`, as it does in a function that starts.
    pub(super) fn read_parameters(&mut self, parameters: &Parameters) -> Result<(), TemplateError> {
        for (name, path) in std::mem::take(&mut self.environment) {
            let Some(setting) = name.strip_suffix("_PARAMETER") else {
                self.environment.insert(name, path);
                continue;
            };
            let Some(value) = parameters.get(&path) else {
                return Err(TemplateError::NoParameter {
                    operation: self.name.clone(),
                    path,
                });
            };
            self.environment.insert(setting.to_owned(), value.clone());
            self.parameters.insert(setting.to_owned(), path);
        }
        Ok(())
    }
}

/// A route of the HTTP API.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// The path, variables in braces.
    pub path: String,
    /// The method.
    pub method: String,
    /// Who may call it.
    pub callers: BTreeSet<Who>,
    /// Whether a request must have an Idempotency-Key.
    pub needs_key: bool,
}

impl Route {
    /// Whether a session that comes with a request is looked at. Where anyone may call and nobody else is named, none
    /// is.
    pub fn looks_at_sessions(&self) -> bool {
        self.callers.iter().any(|who| *who != Who::Anyone)
    }
}

/// The operations of one template.
pub(super) fn operations(scope: &Scope, service: &str) -> Result<Vec<Operation>, TemplateError> {
    let resources = scope.resources()?;
    let mut operations = Vec::new();
    for (logical_id, node) in &resources {
        if kind(node) == "AWS::Serverless::Function" {
            operations.push(operation(scope, service, logical_id, node)?);
        }
    }
    for (_, node) in &resources {
        match kind(node) {
            "AWS::ApiGatewayV2::Route" => add_route(scope, node, &mut operations)?,
            "AWS::Lambda::EventSourceMapping" => add_source(scope, node, &mut operations)?,
            _ => {}
        }
    }
    check_permissions(scope, &resources, &operations)?;
    rule::check(scope, &resources)?;
    for (logical_id, operation) in &operations {
        if !operation.is_started() {
            let what = format!(
                "nothing starts {}: no route, schedule, stream or queue",
                operation.name
            );
            return Err(scope.error(&scope.root, what));
        }
        let node = scope.root.at(&["Resources", logical_id]);
        if let (None, Some(node)) = (&operation.route, node.and_then(declared)) {
            let what = format!("{} has no route, so nobody calls it", operation.name);
            return Err(scope.error(node, what));
        }
    }
    Ok(operations
        .into_iter()
        .map(|(_, operation)| operation)
        .collect())
}

/// Operations by the logical id of their function.
pub(super) type ByFunction = Vec<(String, Operation)>;

fn operation(
    scope: &Scope,
    service: &str,
    logical_id: &str,
    node: &Node,
) -> Result<(String, Operation), TemplateError> {
    let properties = scope.need(node, "Properties")?;
    let binary = node
        .at(&["Metadata", "BuildProperties", "Binary"])
        .ok_or_else(|| scope.error(node, "Metadata names no Binary to build"))?;
    let property = |name: &str| {
        let shared = scope.root.at(&["Globals", "Function", name]);
        properties.get(name).or(shared)
    };
    let mut environment = BTreeMap::new();
    // SAM adds a function's own variables to those of all functions.
    let variables = ["Environment", "Variables"];
    let shared = scope.root.at(&["Globals", "Function"]);
    let all = [shared, Some(properties)].into_iter().flatten();
    for (name, value) in all
        .filter_map(|node| node.at(&variables))
        .flat_map(Node::entries)
    {
        match scope.text_if_any(value)? {
            Some(value) => environment.insert(name.to_owned(), value),
            None => environment.remove(name),
        };
    }
    let mut schedule = None;
    for (_, event) in properties.get("Events").into_iter().flat_map(Node::entries) {
        match kind(event) {
            "Schedule" | "ScheduleV2" => {
                let properties = scope.need(event, "Properties")?;
                let expression = properties
                    .get("ScheduleExpression")
                    .or(properties.get("Schedule"));
                let expression = expression.ok_or_else(|| scope.error(event, "no schedule"))?;
                schedule = Some(scope.text(expression)?);
            }
            other => return Err(scope.error(event, format!("events of type {other} stay away"))),
        }
    }
    let folder = scope.text(scope.need(properties, "CodeUri")?)?;
    let name = scope.text(binary)?;
    if let Some(function) = properties.get("FunctionName")
        && !scope.text(function)?.ends_with(&format!("-{name}"))
    {
        let what = format!("the function of {name} must be named after it, as ${{Shop}}-{name}");
        return Err(scope.error(function, what));
    }
    let operation = Operation {
        name,
        service: service.to_owned(),
        package: folder
            .trim_start_matches("../")
            .trim_end_matches('/')
            .to_owned(),
        route: None,
        environment,
        parameters: BTreeMap::new(),
        policy: policy(scope, properties)?,
        // What Lambda gives a function that asks for nothing.
        memory_mib: property("MemorySize").map_or(Ok(128), |node| scope.number(node))?,
        timeout: Duration::from_secs(property("Timeout").map_or(Ok(3), |n| scope.number(n))?),
        schedule,
        stream: None,
        queue: None,
    };
    Ok((logical_id.to_owned(), operation))
}

/// Follows route → integration → function.
fn add_route(scope: &Scope, node: &Node, operations: &mut ByFunction) -> Result<(), TemplateError> {
    let properties = scope.need(node, "Properties")?;
    let key = scope.text(scope.need(properties, "RouteKey")?)?;
    let (method, path) = key
        .split_once(' ')
        .ok_or_else(|| scope.error(node, format!("the route {key} has no method")))?;
    let target = scope.need(properties, "Target")?;
    let function = target
        .text()
        .and_then(|target| target.strip_prefix("integrations/${")?.strip_suffix('}'))
        .and_then(|integration| scope.root.at(&["Resources", integration, "Properties"]))
        .and_then(|integration| named(integration.get("IntegrationUri")?))
        .ok_or_else(|| scope.error(target, format!("the route {key} leads to no one function")))?;
    let operation = find(scope, target, function, operations)?;
    let Access { callers, needs_key } = access(
        scope,
        scope.need(scope.need(&scope.root, "Resources")?, function)?,
    )?;
    let route = Route {
        path: path.to_owned(),
        method: method.to_owned(),
        callers,
        needs_key,
    };
    if let Some(other) = operation.route.replace(route) {
        let what = format!(
            "{} has a second route beside {} {}",
            operation.name, other.method, other.path
        );
        return Err(scope.error(node, what));
    }
    Ok(())
}

/// Nothing here needs the permission by which API Gateway calls a function, but AWS does: each must be for the route that
/// leads to its function.
fn check_permissions(
    scope: &Scope,
    resources: &[(&str, &Node)],
    operations: &ByFunction,
) -> Result<(), TemplateError> {
    let permissions = resources
        .iter()
        .filter(|(_, node)| kind(node) == "AWS::Lambda::Permission");
    let mut permitted = BTreeSet::new();
    for (_, node) in permissions {
        let properties = scope.need(node, "Properties")?;
        let function = scope.need(properties, "FunctionName")?;
        let function = named(function)
            .ok_or_else(|| scope.error(function, "the permission names no one function"))?;
        let operation = operations.iter().find(|(id, _)| id == function);
        let Some((_, operation)) = operation else {
            let what = format!("{function} is no function of this template");
            return Err(scope.error(node, what));
        };
        let Some(route) = &operation.route else {
            continue;
        };
        let parts = route.path.split('/');
        let parts: Vec<&str> = parts
            .map(|part| if part.starts_with('{') { "*" } else { part })
            .collect();
        let end = format!("/*/{}{}", route.method, parts.join("/"));
        let source = scope.need(properties, "SourceArn")?;
        if !source.text().is_some_and(|source| source.ends_with(&end)) {
            let what = format!(
                "the permission of {} must be for its route and end in {end}",
                operation.name
            );
            return Err(scope.error(source, what));
        }
        permitted.insert(operation.name.as_str());
    }
    let lacks = operations.iter().find(|(_, operation)| {
        operation.route.is_some() && !permitted.contains(operation.name.as_str())
    });
    match lacks {
        Some((_, operation)) if !permitted.is_empty() => {
            let what = format!("{} has a route and no permission for it", operation.name);
            Err(scope.error(&scope.root, what))
        }
        _ => Ok(()),
    }
}

pub(super) fn find<'o>(
    scope: &Scope,
    node: &Node,
    function: &str,
    operations: &'o mut ByFunction,
) -> Result<&'o mut Operation, TemplateError> {
    let found = operations
        .iter_mut()
        .find(|(logical_id, _)| logical_id == function);
    found
        .map(|(_, operation)| operation)
        .ok_or_else(|| scope.error(node, format!("{function} is no function of this template")))
}
