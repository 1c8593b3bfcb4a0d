//! Streams and queues that start functions. What is asked of a queue stands in [`queue`](super::queue).

use super::{
    TemplateError,
    operation::{ByFunction, find},
    queue,
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

/// Reads the mapping of a stream or a queue to its function.
pub(super) fn add_source(
    scope: &Scope,
    node: &Node,
    operations: &mut ByFunction,
) -> Result<(), TemplateError> {
    let mapping = scope.need(node, "Properties")?;
    let function = scope.need(mapping, "FunctionName")?;
    let id = named(function).unwrap_or_default();
    let operation = find(scope, function, id, operations)?;
    let source = named(scope.need(mapping, "EventSourceArn")?).unwrap_or_default();
    match queue::properties(scope, source) {
        Some(properties) => {
            let queue = queue::queue(scope, properties, mapping, operation)?;
            operation.queue = Some(queue);
        }
        None => operation.stream = Some(stream(scope, mapping)?),
    }
    Ok(())
}

/// The stream that a mapping with these properties brings to its function.
fn stream(scope: &Scope, properties: &Node) -> Result<Source, TemplateError> {
    let source = scope.need(properties, "EventSourceArn")?;
    let table = named(source)
        .and_then(|table| {
            scope
                .root
                .at(&["Resources", table, "Properties", "TableName"])
        })
        .ok_or_else(|| {
            let what = "only streams of this template's tables are read, and its queues";
            scope.error(source, what)
        })?;
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
    let failures = properties.at(&["DestinationConfig", "OnFailure", "Destination"]);
    Ok(Source {
        table: scope.text(table)?,
        arn: scope.text(source)?,
        failures: failures.map(|node| scope.text(node)).transpose()?,
        filter,
        batch_size: properties
            .get("BatchSize")
            .map_or(Ok(100), |node| scope.number(node))?,
        // A negative number is Lambda's way to say for ever, and what it does when nothing is said.
        retries: properties
            .get("MaximumRetryAttempts")
            .map_or(Ok(-1), |node| scope.number::<i64>(node))
            .map(|retries| u32::try_from(retries).ok())?,
    })
}
