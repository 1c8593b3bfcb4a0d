//! What can't be measured here: how long Lambda computes and waits.

use std::fmt;

use clap::Args;
use serde::Serialize;

use super::{counts::short, time::ONE_VCPU, units::Call};

// Assumptions, of which a reader may have better ones. No doc comment: it would be the command's help.
#[derive(Args, Clone, Debug, Serialize)]
pub struct Assumed {
    /// How many times as long as this machine a whole vCPU of Lambda takes
    #[arg(long, value_name = "TIMES", default_value_t = 1.0, value_parser = number)]
    pub cpu_factor: f64,
    /// Milliseconds until DynamoDB answers a read or a single write
    #[arg(long, value_name = "MS", default_value_t = 5.0, value_parser = number)]
    pub dynamodb_ms: f64,
    /// Milliseconds until DynamoDB answers a transaction
    #[arg(long, value_name = "MS", default_value_t = 15.0, value_parser = number)]
    pub transaction_ms: f64,
    /// Milliseconds until the payment provider answers
    #[arg(long, value_name = "MS", default_value_t = 300.0, value_parser = number)]
    pub provider_ms: f64,
    /// Milliseconds until the event bus answers
    #[arg(long, value_name = "MS", default_value_t = 20.0, value_parser = number)]
    pub bus_ms: f64,
    /// Milliseconds until an email is taken
    #[arg(long, value_name = "MS", default_value_t = 60.0, value_parser = number)]
    pub mail_ms: f64,
    /// Invocations of a hundred that start a process
    #[arg(long, value_name = "PERCENT", default_value_t = 1.0, value_parser = number)]
    pub starts_percent: f64,
    /// Milliseconds that are billed for a start
    #[arg(long, value_name = "MS", default_value_t = 150.0, value_parser = number)]
    pub start_ms: f64,
    /// Polls of the queue between the bus and whoever listens that Lambda has waiting, for 20 seconds each
    #[arg(long, value_name = "POLLS", default_value_t = 5.0, value_parser = number)]
    pub queue_polls: f64,
    /// How often an audit reads everything: once, and again while something looks wrong
    #[arg(long, value_name = "TIMES", default_value_t = 3.0, value_parser = number)]
    pub audit_looks: f64,
    /// Milliseconds that an audit takes for a MB, of which it rests 150
    #[arg(long, value_name = "MS", default_value_t = 300.0, value_parser = number)]
    pub audit_ms: f64,
}

/// What was given is no such number.
#[derive(Debug, thiserror::Error)]
#[error("must be a number that is not negative, such as 5 or 0.5")]
struct NotANumber;

fn number(text: &str) -> Result<f64, NotANumber> {
    let number: f64 = text.parse().map_err(|_| NotANumber)?;
    if number.is_finite() && number >= 0.0 {
        Ok(number)
    } else {
        Err(NotANumber)
    }
}

/// Somebody else's system, for which a table of the shop stands in as long as nobody names another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StandIn {
    /// The payment provider.
    Provider,
    /// The event bus.
    Bus,
    /// The mailbox.
    Mailbox,
}

impl StandIn {
    /// What the table with this name stands in for, if it does.
    pub fn of(table: &str) -> Option<Self> {
        match table {
            "provider" => Some(Self::Provider),
            "bus" => Some(Self::Bus),
            "mailbox" => Some(Self::Mailbox),
            _ => None,
        }
    }

    /// How many of these calls ask it.
    pub fn count(self, calls: &[Call], shop: &str) -> u64 {
        let to_it = calls
            .iter()
            .filter(|call| Self::asked(call, shop) == Some(self));
        u64::try_from(to_it.count()).unwrap_or_default()
    }

    /// Whom a call asks, if not DynamoDB.
    fn asked(call: &Call, shop: &str) -> Option<Self> {
        let mut tables = call.tables.keys();
        tables.find_map(|table| Self::of(short(table, shop)))
    }
}

impl fmt::Display for Assumed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Computing is how long the thread of a function was busy here, times {}, times {ONE_VCPU} MiB by the function's \
             memory. Waiting is assumed: {} ms for a call of DynamoDB, {} ms for a transaction, {} ms for the payment \
             provider, {} ms for the event bus, {} ms for an email. Of a hundred invocations {} start a process, for which \
             {} ms are billed. Lambda has {} polls of the queue waiting. An audit reads everything {} times, each MB in {} ms.",
            self.cpu_factor,
            self.dynamodb_ms,
            self.transaction_ms,
            self.provider_ms,
            self.bus_ms,
            self.mail_ms,
            self.starts_percent,
            self.start_ms,
            self.queue_polls,
            self.audit_looks,
            self.audit_ms,
        )
    }
}

impl Assumed {
    /// For how long these calls are waited for, one after the other, in milliseconds.
    pub fn waiting_ms(&self, calls: &[Call], shop: &str) -> f64 {
        let wait = |call: &Call| match StandIn::asked(call, shop) {
            Some(StandIn::Provider) => self.provider_ms,
            Some(StandIn::Bus) => self.bus_ms,
            Some(StandIn::Mailbox) => self.mail_ms,
            None if call.is_transaction() => self.transaction_ms,
            None => self.dynamodb_ms,
        };
        calls.iter().map(wait).sum()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        assumed: Assumed,
    }

    fn call(name: &str, table: &str) -> Call {
        Call {
            name: name.to_owned(),
            is_refused: false,
            tables: [(table.to_owned(), Default::default())].into(),
        }
    }

    #[test]
    fn a_call_is_waited_for_as_long_as_whom_it_asks() {
        let line = Line::parse_from(["", "--dynamodb-ms", "4", "--bus-ms", "0.5"]);
        let calls = [
            call("GetItem", "s-orders"),
            call("TransactWriteItems", "s-orders"),
            call("PutItem", "s-provider"),
            call("PutItem", "s-bus"),
            call("PutItem", "s-mailbox"),
        ];
        let waiting = line.assumed.waiting_ms(&calls, "s");
        assert_eq!(waiting, 4.0 + 15.0 + 300.0 + 0.5 + 60.0);
        assert_eq!(StandIn::Bus.count(&calls, "s"), 1);
        assert_eq!(StandIn::Bus.count(&calls, "another"), 0);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["-1", "NaN", "inf", "soon", ""] {
            let argument = format!("--bus-ms={text}");
            let line = Line::try_parse_from(["", &argument]);
            assert!(line.is_err(), "{text}");
        }
    }
}
