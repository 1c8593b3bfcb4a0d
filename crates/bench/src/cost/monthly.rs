//! What is billed by the month, whether anybody orders or not, or for as long as something is kept.

use edge::Metric;
use local_shop::Watching;
use serde::Serialize;

use super::{
    audits::Audits,
    prices::{self, Price},
    report::ORDERS,
};

/// Seconds of a twelfth of a year.
const MONTH: f64 = 365.0 * 86_400.0 / 12.0;
/// For how many seconds a poll of a queue waits for messages: the longest there is.
const POLL: f64 = 20.0;

/// Something that is billed by the month.
#[derive(Debug, PartialEq, Serialize)]
pub struct Monthly {
    /// What it is.
    pub what: String,
    /// How many, in the unit of its price.
    pub quantity: f64,
    /// The price of one.
    pub price: &'static Price,
    /// What all of them cost.
    pub dollars: f64,
}

/// What each order leaves behind.
pub struct Left {
    /// In logs, in GB.
    pub log_gb: f64,
    /// In tables and their indexes, in GB.
    pub table_gb: f64,
    /// In tables without their indexes, in GB.
    pub recoverable_gb: f64,
    /// In the tables that an audit reads, in bytes.
    pub audited_bytes: f64,
}

/// What a month costs beside its orders, of which there are so many a day, with so many polls of the queue waiting. Of what there
/// is none, nothing is said.
pub fn monthly(
    watching: &Watching,
    audits: &Audits,
    left: &Left,
    queue_polls: f64,
    orders_per_day: u32,
) -> Vec<Monthly> {
    let log_days = watching.log_days;
    let logs = left.log_gb * f64::from(orders_per_day) * f64::from(log_days);
    let tables = left.table_gb * ORDERS;
    // Each is billed for the hours in which it has a value; here for all of them.
    let metrics = (Metric::ALL.len() + watching.filtered_metrics.len()) as f64;
    let logs_kept = format!("CloudWatch Logs: {log_days} days, kept");
    let audited = left.audited_bytes * ORDERS;
    let all = [
        (
            "CloudWatch: alarms",
            f64::from(watching.alarms),
            &prices::ALARMS,
        ),
        (
            "CloudWatch: alarms on a metric's own past",
            f64::from(watching.anomaly_alarms),
            &prices::ANOMALY_ALARMS,
        ),
        (
            "CloudWatch: the shop's own metrics",
            metrics,
            &prices::METRICS,
        ),
        (
            "CloudWatch: dashboards",
            f64::from(watching.dashboards),
            &prices::DASHBOARDS,
        ),
        (
            "SQS: polls of the queue",
            queue_polls * MONTH / POLL,
            &prices::QUEUE_REQUESTS,
        ),
        (logs_kept.as_str(), logs, &prices::LOG_STORAGE),
        (
            "DynamoDB: 10,000 orders, kept",
            tables,
            &prices::TABLE_STORAGE,
        ),
        (
            "DynamoDB: 10,000 orders, recoverable",
            left.recoverable_gb * ORDERS,
            &prices::RECOVERY,
        ),
        (
            "DynamoDB: 10,000 orders, audited",
            audits.read_units(audited),
            &prices::READ_UNITS,
        ),
        (
            "Lambda: 10,000 orders, audited",
            audits.gb_seconds(audited),
            &prices::GB_SECONDS,
        ),
    ];
    let lines = all.into_iter().map(|(what, quantity, price)| Monthly {
        what: what.to_owned(),
        quantity,
        price,
        dollars: price.of(quantity),
    });
    lines.filter(|line| line.quantity > 0.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::audits::tests::DAILY;

    #[test]
    fn a_month_is_what_one_reckons_by_hand() {
        let watching = Watching {
            alarms: 12,
            anomaly_alarms: 1,
            filtered_metrics: ["a", "b", "c"].map(str::to_owned).into(),
            log_days: 30,
            ..Watching::default()
        };
        let left = Left {
            log_gb: 0.000_1,
            table_gb: 0.000_01,
            recoverable_gb: 0.000_005,
            audited_bytes: 2048.0,
        };
        let lines = monthly(&watching, &DAILY, &left, 5.0, 1000);
        let own = Metric::ALL.len() as f64;
        let days = 365.0 / 12.0;
        let seconds = 20_480_000.0 / 1_048_576.0 * 0.3 * 2.0 * days;
        let dollars = seconds * 2.0 * 0.000_013_333_4;
        let expected = [
            ("CloudWatch: alarms", 12.0, 1.2),
            ("CloudWatch: alarms on a metric's own past", 1.0, 0.3),
            (
                "CloudWatch: the shop's own metrics",
                own + 3.0,
                (own + 3.0) * 0.3,
            ),
            // Fifteen a minute.
            ("SQS: polls of the queue", 657_000.0, 0.262_8),
            ("CloudWatch Logs: 30 days, kept", 3.0, 0.09),
            ("DynamoDB: 10,000 orders, kept", 0.1, 0.025),
            ("DynamoDB: 10,000 orders, recoverable", 0.05, 0.01),
            // 5,000 units twice a day; 19.53 MiB in 300 ms each, twice a day, with 2 GB.
            (
                "DynamoDB: 10,000 orders, audited",
                10_000.0 * days,
                0.001_25 * days,
            ),
            ("Lambda: 10,000 orders, audited", seconds * 2.0, dollars),
        ];
        assert_eq!(lines.len(), expected.len());
        for (line, (what, quantity, dollars)) in lines.iter().zip(expected) {
            assert_eq!(line.what, what);
            assert!((line.quantity - quantity).abs() < 1e-9, "{line:?}");
            assert!((line.dollars - dollars).abs() < 1e-9, "{line:?}");
        }
    }
}
