//! Rules of event buses. Nothing on one machine is such a bus, so nothing is brought by them here; but on AWS a rule brings an
//! event to a queue only if that lets it, and loses it without a word otherwise. So the queue's policy is there first: it names
//! the bus whose rules may send, and the rule waits for it.
//!
//! A rule leads to queues alone. A function that it invoked would be started as often at once as there are events.

use super::{
    TemplateError, queue,
    scope::{Scope, kind, named},
    yaml::Node,
};

/// How the ARNs of all rules of a bus are written, before its logical id and after it.
const RULES_OF: (&str, &str) = (
    "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/${",
    "}/*",
);

/// Fails unless each rule may send to its queues from the start, and each queue lets rules of this template's buses send to it and
/// nobody else.
pub(super) fn check(scope: &Scope, resources: &[(&str, &Node)]) -> Result<(), TemplateError> {
    for (rule, node) in resources {
        match kind(node) {
            "AWS::Events::Rule" => check_rule(scope, resources, rule, node)?,
            "AWS::SQS::QueuePolicy" => check_policy(scope, node)?,
            _ => {}
        }
    }
    Ok(())
}

fn check_rule(
    scope: &Scope,
    resources: &[(&str, &Node)],
    rule: &str,
    node: &Node,
) -> Result<(), TemplateError> {
    let properties = scope.need(node, "Properties")?;
    let bus = named(scope.need(properties, "EventBusName")?).unwrap_or_default();
    for target in scope.need(properties, "Targets")?.elements() {
        let to = scope.need(target, "Arn")?;
        let given_up = scope.need(scope.need(target, "DeadLetterConfig")?, "Arn")?;
        for arn in [to, given_up] {
            let queue = named(arn).unwrap_or_default();
            if queue::properties(scope, queue).is_none() {
                let what = format!("{rule} leads to queues of this template, and {queue} is none");
                return Err(scope.error(arn, what));
            }
            let Some((policy, _)) = resources.iter().find(|it| lets(it.1, queue, bus)) else {
                let what = format!("{queue} does not let {rule} send to it");
                return Err(scope.error(arn, what));
            };
            if !waits_for(node, policy) {
                let what =
                    format!("{rule} would send to {queue} before it may: DependsOn lacks {policy}");
                return Err(scope.error(node, what));
            }
        }
        let queue = named(to).unwrap_or_default();
        if !resources.iter().any(|it| is_mapping_of(it.1, queue)) {
            let what = format!("{rule} sends to {queue}, which starts no function");
            return Err(scope.error(to, what));
        }
    }
    Ok(())
}

/// Whether a resource is a policy by which rules of this bus may send to this queue.
fn lets(node: &Node, queue: &str, bus: &str) -> bool {
    if kind(node) != "AWS::SQS::QueuePolicy" {
        return false;
    }
    let queues = node.at(&["Properties", "Queues"]).map(Node::elements);
    let mut queues = queues.unwrap_or_default().iter();
    queues.any(|it| named(it) == Some(queue))
        && statements(node).iter().any(|statement| {
            let is_about_it = statement.get("Resource").and_then(named) == Some(queue);
            is_about_it && sender(statement) == Some(bus)
        })
}

/// Whether a resource is made, or changed, only after this one.
fn waits_for(node: &Node, other: &str) -> bool {
    let waits = node.get("DependsOn").map(Node::elements);
    let mut waits = waits.unwrap_or_default().iter();
    waits.any(|it| it.plain() == Some(other))
}

/// A queue's policy says of each of its statements that rules of an event bus may send to it.
fn check_policy(scope: &Scope, node: &Node) -> Result<(), TemplateError> {
    for statement in statements(node) {
        let says = |path: &[&str], text| statement.at(path).and_then(Node::plain) == Some(text);
        let is_of_rules = says(&["Effect"], "Allow")
            && says(&["Principal", "Service"], "events.amazonaws.com")
            && says(&["Action"], "sqs:SendMessage")
            && sender(statement).is_some_and(|bus| is_bus(scope, bus));
        if !is_of_rules {
            let what = "a queue lets rules of an event bus of this template send to it, by their ARNs, and nobody else";
            return Err(scope.error(statement, what));
        }
    }
    Ok(())
}

fn statements(policy: &Node) -> &[Node] {
    let statements = policy.at(&["Properties", "PolicyDocument", "Statement"]);
    statements.map(Node::elements).unwrap_or_default()
}

/// The bus whose rules a statement is for.
fn sender(statement: &Node) -> Option<&str> {
    let arn = statement.at(&["Condition", "ArnLike", "aws:SourceArn"])?;
    let pattern = arn.text().filter(|_| arn.tag.as_deref() == Some("Sub"))?;
    let (before, after) = RULES_OF;
    pattern.strip_prefix(before)?.strip_suffix(after)
}

fn is_bus(scope: &Scope, logical_id: &str) -> bool {
    let resource = scope.root.at(&["Resources", logical_id]);
    resource.is_some_and(|it| kind(it) == "AWS::Events::EventBus")
}

fn is_mapping_of(node: &Node, queue: &str) -> bool {
    let source = node.at(&["Properties", "EventSourceArn"]);
    kind(node) == "AWS::Lambda::EventSourceMapping" && source.and_then(named) == Some(queue)
}

#[cfg(test)]
mod tests {
    use crate::template::tests::{on_eventbridge, refused};

    /// How the shop's templates can't be read with this changed in that of orders.
    fn error(written: &str, changed: &str) -> String {
        refused(written, changed, &on_eventbridge())
    }

    #[test]
    fn a_rule_that_may_not_send_to_its_queues_is_an_error_with_file_and_line() {
        let queue = "Queues: [!Ref OrderMail]";
        for (written, changed, expected) in [
            (
                queue,
                "Queues: [!Ref OrderEventFailures]",
                "OrderMail does not let SendOrderMailRule send to it",
            ),
            (
                "Resource: !GetAtt OrderMail.Arn\n            Condition:",
                "Resource: !GetAtt Other.Arn\n            Condition:",
                "OrderMail does not let SendOrderMailRule send to it",
            ),
            (
                "EventBusName: !Ref OrderBus",
                "EventBusName: !Ref Other",
                "OrderMail does not let SendOrderMailRule send to it",
            ),
            (
                "Queues: [!Ref OrderMailFailures]",
                queue,
                "OrderMailFailures does not let SendOrderMailRule send to it",
            ),
        ] {
            let error = error(written, changed);
            assert!(error.contains(expected), "{error}");
        }
    }

    /// EventBridge tries once what it may not send.
    #[test]
    fn a_rule_that_does_not_wait_for_its_queues_policies_is_an_error_with_file_and_line() {
        let waits = "    DependsOn: [OrderMailPolicy, OrderMailFailuresPolicy]\n";
        for (changed, expected) in [
            ("", "DependsOn lacks OrderMailPolicy"),
            (
                "    DependsOn: [OrderMailPolicy]\n",
                "DependsOn lacks OrderMailFailuresPolicy",
            ),
            (
                "    DependsOn: [OrderMail, OrderMailFailuresPolicy]\n",
                "DependsOn lacks OrderMailPolicy",
            ),
        ] {
            let error = error(waits, changed);
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_rule_leads_to_a_queue_that_starts_a_function() {
        for (written, changed, expected) in [
            (
                "          Arn: !GetAtt OrderMail.Arn\n",
                "          Arn: !GetAtt SendOrderMail.Arn\n",
                "SendOrderMailRule leads to queues of this template, and SendOrderMail is none",
            ),
            (
                "          Arn: !GetAtt OrderMail.Arn\n",
                "          Arn: !GetAtt OrderMailFailures.Arn\n",
                "SendOrderMailRule sends to OrderMailFailures, which starts no function",
            ),
            (
                "          DeadLetterConfig:\n",
                "          Failures:\n",
                "DeadLetterConfig is missing here",
            ),
        ] {
            let error = error(written, changed);
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_queue_lets_nobody_send_to_it_but_rules() {
        let rules = "rule/${OrderBus}/*";
        for (written, changed) in [
            (
                "Principal: {Service: events.amazonaws.com}",
                "Principal: \"*\"",
            ),
            ("Action: sqs:SendMessage\n", "Action: sqs:*\n"),
            ("              ArnLike:\n", "              ArnNotLike:\n"),
            // Whoever else has buses in the account, or rules on another bus.
            (rules, "rule/*"),
            (rules, "rule/${Other}/*"),
            (rules, "rule/${OrdersTable}/*"),
        ] {
            let error = error(written, changed);
            let expected = "a queue lets rules of an event bus of this template send to it";
            assert!(error.contains(expected), "{error}");
        }
    }
}
