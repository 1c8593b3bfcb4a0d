//! The bill: so many of each thing at its price.

use std::{collections::BTreeMap, fmt};

use super::{
    assumed::{Assumed, StandIn},
    counts::{Counts, Taken},
    prices::{self, GB, Price},
    story::Story,
    time::gb_seconds,
    units::Kind,
};

/// Requests that a message in a queue is: EventBridge sends it, and Lambda receives and deletes it.
const REQUESTS_A_MESSAGE: f64 = 3.0;

/// Something that is billed, as a line of the bill has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// Requests to the API.
    Requests,
    /// What the API answers, to the internet.
    DataOut,
    /// Invocations of functions.
    Invocations,
    /// GB-seconds in which functions compute.
    Computing,
    /// GB-seconds in which functions wait.
    Waiting,
    /// GB-seconds in which functions start.
    Starts,
    /// Units of a table.
    Units(String, Kind),
    /// Events on the bus.
    Events,
    /// Invocations by a schedule.
    Scheduled,
    /// Requests to the queue between the bus and whoever listens.
    QueueRequests,
    /// Emails.
    Emails,
    /// What functions log.
    OwnLog,
    /// What Lambda logs of them.
    LambdaLog,
    /// What the API logs.
    AccessLog,
    /// Traces.
    Traces,
}

/// How many of each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quantities(pub BTreeMap<Item, f64>);

/// What a quantity depends on beside what was counted.
pub struct Terms<'a> {
    /// The orders that were played.
    pub story: &'a Story,
    /// What is assumed.
    pub assumed: &'a Assumed,
    /// Whether invocations are traced.
    pub is_traced: bool,
}

impl Item {
    /// Its price.
    pub fn price(&self) -> &'static Price {
        match self {
            Self::Requests => &prices::HTTP_API,
            Self::DataOut => &prices::DATA_OUT,
            Self::Invocations => &prices::INVOCATIONS,
            Self::Computing | Self::Waiting | Self::Starts => &prices::GB_SECONDS,
            Self::Units(_, Kind::Reads | Kind::IndexReads) => &prices::READ_UNITS,
            Self::Units(_, Kind::Writes | Kind::TransactionWrites | Kind::IndexWrites) => {
                &prices::WRITE_UNITS
            }
            Self::Events => &prices::EVENTS,
            Self::Scheduled => &prices::SCHEDULED,
            Self::QueueRequests => &prices::QUEUE_REQUESTS,
            Self::Emails => &prices::EMAILS,
            Self::OwnLog | Self::LambdaLog | Self::AccessLog => &prices::LOGS,
            Self::Traces => &prices::TRACES,
        }
    }

    /// Whether it is measured in GB, of which an order takes so little that it is told in KB.
    pub fn is_data(&self) -> bool {
        self.price().unit == "GB"
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Requests => "API Gateway: requests",
            Self::DataOut => "API Gateway: data out",
            Self::Invocations => "Lambda: invocations",
            Self::Computing => "Lambda: computing",
            Self::Waiting => "Lambda: waiting",
            Self::Starts => "Lambda: starts",
            Self::Units(table, kind) => return write!(f, "DynamoDB {table}: {kind}"),
            Self::Events => "EventBridge: events",
            Self::Scheduled => "EventBridge Scheduler: invocations",
            Self::QueueRequests => "SQS: requests",
            Self::Emails => "SES: emails",
            Self::OwnLog => "CloudWatch Logs: functions' lines",
            Self::LambdaLog => "CloudWatch Logs: Lambda's lines",
            Self::AccessLog => "CloudWatch Logs: the API's lines",
            Self::Traces => "X-Ray: traces",
        };
        f.write_str(name)
    }
}

impl Quantities {
    /// What all invocations of a function take of each.
    pub fn of(taken: &Taken, terms: &Terms<'_>) -> Self {
        let Taken {
            memory_mib,
            counts,
            times,
        } = taken;
        let gb_seconds = |ms| gb_seconds(ms, *memory_mib);
        let invocations = counts.invocations as f64;
        let starts = invocations * terms.assumed.starts_percent / 100.0;
        let mut all = Self::default();
        all.add(Item::Requests, counts.metered_requests as f64);
        all.add(Item::DataOut, counts.response_bytes as f64 / GB);
        all.add(Item::Invocations, invocations);
        // What is rounded up counts as computing.
        all.add(
            Item::Computing,
            gb_seconds(times.billed_ms - times.waiting_ms),
        );
        all.add(Item::Waiting, gb_seconds(times.waiting_ms));
        all.add(Item::Starts, gb_seconds(starts * terms.assumed.start_ms));
        all.add_units(counts);
        all.add(Item::Events, counts.events as f64);
        all.add(Item::Scheduled, counts.scheduled as f64);
        let messages = counts.queued as f64;
        all.add(Item::QueueRequests, messages * REQUESTS_A_MESSAGE);
        all.add(Item::Emails, counts.emails as f64);
        all.add(Item::OwnLog, counts.own_log.taken() as f64 / GB);
        all.add(Item::LambdaLog, counts.lambda_log.taken() as f64 / GB);
        all.add(Item::AccessLog, counts.access_log.taken() as f64 / GB);
        if terms.is_traced {
            let a_day =
                invocations / f64::from(terms.story.orders) * f64::from(terms.story.orders_per_day);
            all.add(Item::Traces, invocations * traced(a_day / 86_400.0));
        }
        all
    }

    /// Units of the tables that are the shop's own: others stand in for somebody else's system, which has its own price.
    fn add_units(&mut self, counts: &Counts) {
        for (table, units) in &counts.units {
            if StandIn::of(table).is_none() {
                for (kind, units) in units {
                    self.add(Item::Units(table.clone(), *kind), *units);
                }
            }
        }
    }

    fn add(&mut self, item: Item, quantity: f64) {
        if quantity > 0.0 {
            *self.0.entry(item).or_default() += quantity;
        }
    }

    /// Both together.
    pub fn and(mut self, more: &Self) -> Self {
        for (item, quantity) in &more.0 {
            self.add(item.clone(), *quantity);
        }
        self
    }

    /// What all of them cost.
    pub fn dollars(&self) -> f64 {
        let lines = self.0.iter();
        lines
            .map(|(item, quantity)| item.price().of(*quantity))
            .sum()
    }
}

/// The share of a function's invocations that is traced, at so many a second: the first of each second and one of twenty of
/// the others ("Visualize Lambda function invocations using AWS X-Ray", AWS Lambda developer guide).
fn traced(a_second: f64) -> f64 {
    if a_second <= 1.0 {
        1.0
    } else {
        (1.0 + 0.05 * (a_second - 1.0)) / a_second
    }
}

#[cfg(test)]
mod tests;
