//! Queues that start functions. Nothing on one machine is such a queue, so nothing is brought from one here; but how one that
//! works differs from one that loses what it holds is known, and is compared here.

use std::time::Duration;

use super::{
    Operation, TemplateError,
    scope::{Scope, kind, named},
    yaml::Node,
};

/// How many times as long as its function may take a message is hidden at the least ("Creating and configuring an Amazon SQS
/// event source mapping", AWS Lambda developer guide).
const TIMES_AS_LONG: u32 = 6;

/// A queue as the source of a function's events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Its name, resolved.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// For how long what failed is hidden until it comes again.
    pub hidden: Duration,
    /// How often a message comes before it is given up.
    pub tries: u32,
    /// The ARN of the queue for what is given up.
    pub failures: String,
}

/// The properties of the queue with this logical id, if it is one.
pub(super) fn properties<'s>(scope: &'s Scope, logical_id: &str) -> Option<&'s Node> {
    let resource = scope.root.at(&["Resources", logical_id])?;
    let is_queue = kind(resource) == "AWS::SQS::Queue";
    resource.get("Properties").filter(|_| is_queue)
}

/// The queue with these properties, which this mapping brings to this operation.
pub(super) fn queue(
    scope: &Scope,
    properties: &Node,
    mapping: &Node,
    operation: &Operation,
) -> Result<Queue, TemplateError> {
    let answers = mapping.get("FunctionResponseTypes").map(Node::elements);
    let mut answers = answers.unwrap_or_default().iter();
    if !answers.any(|it| it.plain() == Some("ReportBatchItemFailures")) {
        let what = "without ReportBatchItemFailures, what the function reports as failed is deleted with the rest";
        return Err(scope.error(mapping, what));
    }
    let size = scope.need(mapping, "BatchSize")?;
    if scope.number::<u32>(size)? != 1 {
        let what = "a function that dies answers nothing, so that what it has done of a batch comes again: BatchSize is 1";
        return Err(scope.error(size, what));
    }
    let hidden = scope.need(properties, "VisibilityTimeout")?;
    let time = Duration::from_secs(scope.number(hidden)?);
    if time < operation.timeout * TIMES_AS_LONG {
        let what = format!(
            "a message is hidden for {TIMES_AS_LONG} times as long as {} may take, at the least",
            operation.name
        );
        return Err(scope.error(hidden, what));
    }
    let redrive = scope.need(properties, "RedrivePolicy")?;
    let failures = scope.need(redrive, "deadLetterTargetArn")?;
    if named(failures).is_none_or(|id| self::properties(scope, id).is_none()) {
        let what = "what is given up goes to a queue of this template";
        return Err(scope.error(failures, what));
    }
    let source = scope.need(mapping, "EventSourceArn")?;
    Ok(Queue {
        name: scope.text(scope.need(properties, "QueueName")?)?,
        arn: scope.text(source)?,
        hidden: time,
        tries: scope.number(scope.need(redrive, "maxReceiveCount")?)?,
        failures: scope.text(failures)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::{
        Shop,
        tests::{infra, on_eventbridge, refused},
    };

    /// The queue from which customers are written to, and the news of which it has.
    #[test]
    fn what_fails_comes_again_for_hours_and_is_given_up_while_it_is_news() {
        let shop = Shop::load(&infra(), &on_eventbridge()).unwrap();
        let mut operations = shop.operations();
        let queue = operations.find_map(|it| it.queue.clone()).unwrap();
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        assert_eq!(queue.name, "a-Shop-order-mail");
        assert!(queue.failures.ends_with(":a-Shop-order-mail-failures"));
        let tried = queue.hidden * queue.tries;
        assert!(tried >= hours(6) && tried <= hours(18), "{tried:?}");
    }

    #[test]
    fn a_queue_that_would_lose_what_it_holds_is_an_error_with_file_and_line() {
        for (written, changed, expected) in [
            (
                "VisibilityTimeout: 360 ",
                "VisibilityTimeout: 359 ",
                "a message is hidden for 6 times as long as send-order-mail may take",
            ),
            (
                "      RedrivePolicy:\n",
                "      RedriveAllowPolicy:\n",
                "RedrivePolicy is missing here",
            ),
            (
                "deadLetterTargetArn: !GetAtt OrderMailFailures.Arn",
                "deadLetterTargetArn: !GetAtt SendOrderMail.Arn",
                "what is given up goes to a queue of this template",
            ),
            (
                "        - ReportBatchItemFailures # without it",
                "        - Nothing # without it",
                "without ReportBatchItemFailures, what the function reports",
            ),
            ("BatchSize: 1 ", "BatchSize: 2 ", "BatchSize is 1"),
            (
                "      BatchSize: 1 ",
                "      BatchSizes: 1 ",
                "BatchSize is missing here",
            ),
        ] {
            let error = refused(written, changed, &on_eventbridge());
            assert!(error.contains(expected), "{error}");
        }
    }
}
