//! Rules of event buses. Nothing on one machine is such a bus, so nothing is started by them here; but on AWS a rule
//! starts a function only if it may.

use std::collections::BTreeSet;

use super::{
    TemplateError,
    scope::{Scope, kind, named},
    yaml::Node,
};

/// The logical ids of the functions that rules start.
pub(super) fn started(
    scope: &Scope,
    resources: &[(&str, &Node)],
) -> Result<BTreeSet<String>, TemplateError> {
    let mut started = BTreeSet::new();
    for (rule, node) in resources {
        if kind(node) != "AWS::Events::Rule" {
            continue;
        }
        let targets = scope.need(scope.need(node, "Properties")?, "Targets")?;
        for target in targets.elements() {
            let arn = scope.need(target, "Arn")?;
            let function = named(arn).unwrap_or_default();
            if !resources.iter().any(|it| permits(it.1, function, rule)) {
                let what = format!("{rule} has no permission to invoke {function}");
                return Err(scope.error(target, what));
            }
            started.insert(function.to_owned());
        }
    }
    Ok(started)
}

/// Whether a resource permits this rule to invoke this function.
fn permits(node: &Node, function: &str, rule: &str) -> bool {
    let property = |name: &str| node.at(&["Properties", name]);
    let names = |name: &str, wanted: &str| property(name).and_then(named) == Some(wanted);
    kind(node) == "AWS::Lambda::Permission"
        && names("FunctionName", function)
        && names("SourceArn", rule)
        && property("Principal").and_then(Node::plain) == Some("events.amazonaws.com")
}
