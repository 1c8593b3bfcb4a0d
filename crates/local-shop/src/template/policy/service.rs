//! What a function may do beside items of tables: with streams, queues and other services of AWS.

use std::{collections::BTreeMap, fmt};

/// The actions that are known. What asks for one of a service also has a row in `tests/it/support/services.rs`.
const KNOWN: [&str; 11] = [
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
    "events:PutEvents",
    "ses:SendEmail",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",
    "ssm:GetParameters",
];

/// An action that is not about items, such as `ses:SendEmail`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceAction(&'static str);

impl ServiceAction {
    /// By which Lambda tells which records of a stream it gave up.
    pub(in crate::template) const TELL: Self = Self("sqs:SendMessage");

    /// The action with this name, its service's before it.
    pub fn parse(name: &str) -> Option<Self> {
        KNOWN.into_iter().find(|known| *known == name).map(Self)
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// By which Lambda reads the stream that starts a function.
    pub(in crate::template) fn of_streams() -> impl Iterator<Item = Self> {
        let known = KNOWN.into_iter().map(Self);
        known.filter(|action| action.0.starts_with("dynamodb:"))
    }

    /// By which Lambda reads the queue that starts a function.
    pub(in crate::template) fn of_queues() -> impl Iterator<Item = Self> {
        let known = KNOWN.into_iter().map(Self);
        known.filter(|action| action.0.starts_with("sqs:") && *action != Self::TELL)
    }

    /// Whether it is Lambda that does this in a function's name, and never the function.
    pub fn is_lambdas(self) -> bool {
        let mut reads = Self::of_streams().chain(Self::of_queues());
        self == Self::TELL || reads.any(|action| action == self)
    }
}

/// One thing that a function may do, or Lambda for it, with something that is no item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceGrant {
    /// What.
    pub action: ServiceAction,
    /// The ARN of what it is done with.
    pub resource: String,
    /// What a request must say, by the keys that conditions have for it, such as `ses:FromAddress`.
    pub said: BTreeMap<String, String>,
}

impl ServiceGrant {
    pub(super) fn is_about(&self, action: ServiceAction, resource: &str) -> bool {
        self.action == action && self.resource == resource
    }

    /// Whether a request that says this meets the condition.
    pub(super) fn means(&self, said: &BTreeMap<String, String>) -> bool {
        let mut wanted = self.said.iter();
        wanted.all(|(key, value)| said.get(key) == Some(value))
    }
}

impl fmt::Display for ServiceGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.action.as_str(), self.resource)?;
        for (key, value) in &self.said {
            write!(f, " where {key} is {value}")?;
        }
        Ok(())
    }
}
