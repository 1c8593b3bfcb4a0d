//! What AWS asks: the one place with prices.
//!
//! As of November 2026, for the Region us-east-1, without any free tier and in the first step of those that fall with use. Not
//! verified against AWS's price pages: check there before you rely on a cent. `source` names the page of each price; most are
//! as others quoted that page in 2025 and 2026, and it says of which no quote was found.

use std::fmt;

use serde::Serialize;

/// When the prices were written down.
pub const AS_OF: &str = "November 2026";
/// Where they hold.
pub const REGION: &str = "us-east-1";
/// What AWS calls a GB of data.
pub const GB: f64 = 1024.0 * 1024.0 * 1024.0;

/// A price.
#[derive(Debug, PartialEq, Serialize)]
pub struct Price {
    /// Dollars.
    pub dollars: f64,
    /// For so many.
    pub per: f64,
    /// Of this.
    pub unit: &'static str,
    /// The page that has it.
    pub source: &'static str,
}

impl Price {
    /// What so many cost.
    pub fn of(&self, quantity: f64) -> f64 {
        quantity / self.per * self.dollars
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            dollars, per, unit, ..
        } = self;
        if *per == MILLION {
            write!(f, "${dollars} for 1 million {unit}")
        } else {
            write!(f, "${dollars} for {per} {unit}")
        }
    }
}

const fn price(dollars: f64, per: f64, unit: &'static str, source: &'static str) -> Price {
    Price {
        dollars,
        per,
        unit,
        source,
    }
}

const MILLION: f64 = 1e6;

/// A request to an HTTP API.
pub const HTTP_API: Price = price(
    1.00,
    MILLION,
    "requests",
    "Amazon API Gateway pricing: HTTP APIs, first 300 million a month, metered by 512 KB",
);
/// Data that leaves AWS.
pub const DATA_OUT: Price = price(
    0.09,
    1.0,
    "GB",
    "Amazon EC2 on-demand pricing: data transfer out to the internet, first 10 TB a month",
);
/// An invocation of a function.
pub const INVOCATIONS: Price = price(0.20, MILLION, "requests", "AWS Lambda pricing: Arm");
/// A GB of memory for a second.
pub const GB_SECONDS: Price = price(
    0.000_013_333_4,
    1.0,
    "GB-seconds",
    "AWS Lambda pricing: Arm, first 7.5 billion GB-seconds a month; starts are billed as well since August 2025",
);
/// A write request unit.
pub const WRITE_UNITS: Price = price(
    0.625,
    MILLION,
    "write units",
    "Amazon DynamoDB pricing: on-demand capacity, standard tables, since November 2024",
);
/// A read request unit.
pub const READ_UNITS: Price = price(
    0.125,
    MILLION,
    "read units",
    "Amazon DynamoDB pricing: on-demand capacity, standard tables, since November 2024",
);
/// What tables hold.
pub const TABLE_STORAGE: Price = price(
    0.25,
    1.0,
    "GB-months",
    "Amazon DynamoDB pricing: standard tables, beyond the first 25 GB; not found quoted, check it",
);
/// That it can be brought back to any second of the last days.
pub const RECOVERY: Price = price(
    0.20,
    1.0,
    "GB-months",
    "Amazon DynamoDB pricing: point-in-time recovery, by the size of a table and its local indexes; not found quoted, check it",
);
/// An event on a bus.
pub const EVENTS: Price = price(
    1.00,
    MILLION,
    "events",
    "Amazon EventBridge pricing: custom events, by 64 KB",
);
/// A request to a queue.
pub const QUEUE_REQUESTS: Price = price(
    0.40,
    MILLION,
    "requests",
    "Amazon SQS pricing: standard queues, first 100 billion a month, by 64 KB",
);
/// What a schedule starts.
pub const SCHEDULED: Price = price(
    1.00,
    MILLION,
    "invocations",
    "Amazon EventBridge pricing: Scheduler",
);
/// An email.
pub const EMAILS: Price = price(
    0.10,
    1000.0,
    "emails",
    "Amazon SES pricing: outbound email, without attachments",
);
/// Logs that are taken in.
pub const LOGS: Price = price(
    0.50,
    1.0,
    "GB",
    "Amazon CloudWatch pricing: logs of Lambda and vended logs, standard class, first 10 TB a month",
);
/// Logs that are kept.
pub const LOG_STORAGE: Price = price(
    0.03,
    1.0,
    "GB-months",
    "Amazon CloudWatch pricing: logs, stored; AWS compresses them first, which is not counted on",
);
/// A metric of one's own.
pub const METRICS: Price = price(
    0.30,
    1.0,
    "metrics a month",
    "Amazon CloudWatch pricing: custom metrics, first 10,000; only hours with a value are billed",
);
/// An alarm.
pub const ALARMS: Price = price(
    0.10,
    1.0,
    "alarms a month",
    "Amazon CloudWatch pricing: standard resolution, one metric",
);
/// An alarm that compares a metric with its own past.
pub const ANOMALY_ALARMS: Price = price(
    0.30,
    1.0,
    "alarms a month",
    "Amazon CloudWatch pricing: anomaly detection at standard resolution, three metrics an alarm; not found quoted, check it",
);
/// A dashboard.
pub const DASHBOARDS: Price = price(
    3.00,
    1.0,
    "dashboards a month",
    "Amazon CloudWatch pricing: dashboards",
);
/// A trace.
pub const TRACES: Price = price(
    5.00,
    MILLION,
    "traces",
    "AWS X-Ray pricing: traces recorded",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_cost_so_much() {
        assert_eq!(WRITE_UNITS.of(1e6), 0.625);
        assert_eq!(READ_UNITS.of(80_000.0), 0.01);
        assert_eq!(EMAILS.of(10_000.0), 1.0);
        assert_eq!(DASHBOARDS.of(2.0), 6.0);
    }

    #[test]
    fn a_price_says_for_how_many_it_is() {
        let shown = [
            (&WRITE_UNITS, "$0.625 for 1 million write units"),
            (&EMAILS, "$0.1 for 1000 emails"),
            (&GB_SECONDS, "$0.0000133334 for 1 GB-seconds"),
        ];
        for (price, text) in shown {
            assert_eq!(price.to_string(), text);
        }
    }
}
