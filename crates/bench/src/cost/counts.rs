//! What invocations of a function took.

use std::{collections::BTreeMap, ops::AddAssign};

use serde::Serialize;

use super::{
    units::{Call, Units},
    written::Written,
};

/// What is metered of a request to an HTTP API as one ("Amazon API Gateway pricing").
const METERED: u64 = 512 * 1024;

/// What can be counted, and is the same each time.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Counts {
    /// Invocations.
    pub invocations: u64,
    /// Requests through the API.
    pub requests: u64,
    /// As how many the API meters them.
    pub metered_requests: u64,
    /// Bytes of requests.
    pub request_bytes: u64,
    /// Bytes of answers.
    pub response_bytes: u64,
    /// Calls of DynamoDB.
    pub dynamodb_calls: u64,
    /// Of these, writes that were refused.
    pub refused_calls: u64,
    /// Units by table.
    pub units: BTreeMap<String, Units>,
    /// Events that were handed to the bus.
    pub events: u64,
    /// Events that a rule of the bus would have put into the queue of whoever listens.
    pub queued: u64,
    /// Emails that were sent.
    pub emails: u64,
    /// Invocations by a schedule.
    pub scheduled: u64,
    /// What the function wrote.
    pub own_log: Written,
    /// What Lambda wrote of it.
    pub lambda_log: Written,
    /// What the API wrote of its requests.
    pub access_log: Written,
}

/// Milliseconds, which are not the same each time.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Times {
    /// That the thread computed, on this machine.
    pub cpu_ms: f64,
    /// That this takes with the function's memory.
    pub computing_ms: f64,
    /// That the function waited for others.
    pub waiting_ms: f64,
    /// That are billed.
    pub billed_ms: f64,
}

/// All invocations of a function.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Taken {
    /// The function's memory.
    pub memory_mib: u32,
    /// What was counted.
    pub counts: Counts,
    /// What was measured and assumed.
    pub times: Times,
}

/// As how many requests the API meters one of this size, there and back.
pub fn metered(bytes: u64) -> u64 {
    bytes.div_ceil(METERED).max(1)
}

impl Counts {
    /// With these calls of DynamoDB, to tables whose names begin with the shop's.
    pub fn add_calls(&mut self, calls: &[Call], shop: &str) {
        for call in calls {
            self.dynamodb_calls += 1;
            self.refused_calls += u64::from(call.is_refused);
            for (table, units) in &call.tables {
                let table = short(table, shop).to_owned();
                add_units(self.units.entry(table).or_default(), units);
            }
        }
    }
}

/// A table's name without the shop's, with which it begins.
pub fn short<'t>(table: &'t str, shop: &str) -> &'t str {
    let rest = table.strip_prefix(shop);
    rest.and_then(|rest| rest.strip_prefix('-'))
        .unwrap_or(table)
}

fn add_units(sum: &mut Units, more: &Units) {
    for (kind, units) in more {
        *sum.entry(*kind).or_default() += units;
    }
}

impl AddAssign<&Counts> for Counts {
    fn add_assign(&mut self, more: &Counts) {
        self.invocations += more.invocations;
        self.requests += more.requests;
        self.metered_requests += more.metered_requests;
        self.request_bytes += more.request_bytes;
        self.response_bytes += more.response_bytes;
        self.dynamodb_calls += more.dynamodb_calls;
        self.refused_calls += more.refused_calls;
        for (table, units) in &more.units {
            add_units(self.units.entry(table.clone()).or_default(), units);
        }
        self.events += more.events;
        self.queued += more.queued;
        self.emails += more.emails;
        self.scheduled += more.scheduled;
        self.own_log += more.own_log;
        self.lambda_log += more.lambda_log;
        self.access_log += more.access_log;
    }
}

impl AddAssign for Times {
    fn add_assign(&mut self, more: Self) {
        self.cpu_ms += more.cpu_ms;
        self.computing_ms += more.computing_ms;
        self.waiting_ms += more.waiting_ms;
        self.billed_ms += more.billed_ms;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::units::Kind;

    #[test]
    fn a_large_request_is_metered_as_several() {
        for (bytes, requests) in [(0, 1), (1, 1), (524_288, 1), (524_289, 2), (1_048_577, 3)] {
            assert_eq!(metered(bytes), requests, "{bytes}");
        }
    }

    #[test]
    fn units_are_added_up_by_table_and_kind() {
        let call = |name: &str, table: &str, kind, units| Call {
            name: name.to_owned(),
            is_refused: false,
            tables: [(table.to_owned(), Units::from([(kind, units)]))].into(),
        };
        let refused = Call {
            name: "PutItem".to_owned(),
            is_refused: true,
            tables: BTreeMap::new(),
        };
        let calls = [
            call("GetItem", "a-shop-carts", Kind::Reads, 1.0),
            call("GetItem", "a-shop-carts", Kind::Reads, 0.5),
            call("PutItem", "a-shop-carts", Kind::Writes, 2.0),
            call("PutItem", "elsewhere", Kind::Writes, 1.0),
            refused,
        ];
        let mut counts = Counts::default();
        counts.add_calls(&calls, "a-shop");
        assert_eq!((counts.dynamodb_calls, counts.refused_calls), (5, 1));
        let carts = Units::from([(Kind::Reads, 1.5), (Kind::Writes, 2.0)]);
        assert_eq!(counts.units["carts"], carts);
        let elsewhere = Units::from([(Kind::Writes, 1.0)]);
        assert_eq!(counts.units["elsewhere"], elsewhere);
    }
}
