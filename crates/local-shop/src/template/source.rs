//! Streams that start functions, and where Lambda tells what it gave up.

use super::{
    TemplateError,
    operation::{ByFunction, find},
    scope::{Scope, named},
    yaml::Node,
};
use crate::stream::Filter;

/// A table's stream as the source of a function's events.
#[derive(Clone, Debug)]
pub struct Source {
    /// The table's name, resolved.
    pub table: String,
    /// The stream's ARN.
    pub arn: String,
    /// The ARN of where Lambda tells which records it gave up.
    pub failures: Option<String>,
    /// The records that are meant for the function.
    pub filter: Filter,
    /// The most records of a batch.
    pub batch_size: usize,
    /// How often a record that failed is tried again before it is given up; `None` for ever.
    pub retries: Option<u32>,
}

/// Reads the mapping of a stream to its function.
pub(super) fn add_source(
    scope: &Scope,
    node: &Node,
    operations: &mut ByFunction,
) -> Result<(), TemplateError> {
    let properties = scope.need(node, "Properties")?;
    let source = scope.need(properties, "EventSourceArn")?;
    let table = named(source)
        .and_then(|table| {
            scope
                .root
                .at(&["Resources", table, "Properties", "TableName"])
        })
        .ok_or_else(|| scope.error(source, "only streams of this template's tables are read"))?;
    let mut patterns = Vec::new();
    let filters = properties
        .at(&["FilterCriteria", "Filters"])
        .map(Node::elements);
    for filter in filters.unwrap_or_default() {
        let pattern = scope.need(filter, "Pattern")?;
        patterns.push((pattern, scope.text(pattern)?));
    }
    let mut filter = Filter::default();
    for (node, pattern) in patterns {
        filter
            .or(&pattern)
            .map_err(|error| scope.error(node, error.to_string()))?;
    }
    let function = scope.need(properties, "FunctionName")?;
    let operation = find(
        scope,
        function,
        named(function).unwrap_or_default(),
        operations,
    )?;
    operation.stream = Some(Source {
        table: scope.text(table)?,
        arn: scope.text(source)?,
        failures: failures(scope, properties)?,
        filter,
        batch_size: properties
            .get("BatchSize")
            .map_or(Ok(100), |node| scope.number(node))?,
        // A negative number is Lambda's way to say for ever, and what it does when nothing is said.
        retries: properties
            .get("MaximumRetryAttempts")
            .map_or(Ok(-1), |node| scope.number::<i64>(node))
            .map(|retries| u32::try_from(retries).ok())?,
    });
    Ok(())
}

/// Reads what becomes of a function's events that no stream brought.
pub(super) fn add_failures(
    scope: &Scope,
    node: &Node,
    operations: &mut ByFunction,
) -> Result<(), TemplateError> {
    let properties = scope.need(node, "Properties")?;
    let function = scope.need(properties, "FunctionName")?;
    let id = named(function).unwrap_or_default();
    find(scope, function, id, operations)?.failures = failures(scope, properties)?;
    Ok(())
}

fn failures(scope: &Scope, properties: &Node) -> Result<Option<String>, TemplateError> {
    let place = properties.at(&["DestinationConfig", "OnFailure", "Destination"]);
    place.map(|node| scope.text(node)).transpose()
}
