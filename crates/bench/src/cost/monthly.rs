//! What is billed by the month, whether anybody orders or not, or for as long as something is kept.

use edge::Metric;
use serde::Serialize;

use super::{
    declared::Declared,
    prices::{self, Price},
    report::ORDERS,
};

/// How long logs are kept, in days, as the templates say.
const LOGS_KEPT: f64 = 30.0;

/// Something that is billed by the month.
#[derive(Debug, PartialEq, Serialize)]
pub struct Monthly {
    /// What it is.
    pub what: &'static str,
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
    /// In tables, in GB.
    pub table_gb: f64,
}

/// What a month costs beside its orders, of which there are so many a day. Of what there is none, nothing is said.
pub fn monthly(declared: &Declared, left: &Left, orders_per_day: u32) -> Vec<Monthly> {
    let logs = left.log_gb * f64::from(orders_per_day) * LOGS_KEPT;
    let tables = left.table_gb * ORDERS;
    // Each is billed for the hours in which it has a value; here for all of them.
    let own = u32::try_from(Metric::ALL.len()).unwrap_or(u32::MAX);
    let metrics = f64::from(own + declared.filtered_metrics);
    let all = [
        (
            "CloudWatch: alarms",
            f64::from(declared.alarms),
            &prices::ALARMS,
        ),
        (
            "CloudWatch: the shop's own metrics",
            metrics,
            &prices::METRICS,
        ),
        (
            "CloudWatch: dashboards",
            f64::from(declared.dashboards),
            &prices::DASHBOARDS,
        ),
        ("CloudWatch Logs: 30 days, kept", logs, &prices::LOG_STORAGE),
        (
            "DynamoDB: 10,000 orders, kept",
            tables,
            &prices::TABLE_STORAGE,
        ),
        (
            "DynamoDB: 10,000 orders, recoverable",
            tables,
            &prices::RECOVERY,
        ),
    ];
    let lines = all.into_iter().map(|(what, quantity, price)| Monthly {
        what,
        quantity,
        price,
        dollars: price.of(quantity),
    });
    lines.filter(|line| line.quantity > 0.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_what_one_reckons_by_hand() {
        let declared = Declared {
            alarms: 12,
            filtered_metrics: 3,
            ..Declared::default()
        };
        let left = Left {
            log_gb: 0.000_1,
            table_gb: 0.000_01,
        };
        let lines = monthly(&declared, &left, 1000);
        let own = Metric::ALL.len() as f64;
        let expected = [
            ("CloudWatch: alarms", 12.0, 1.2),
            (
                "CloudWatch: the shop's own metrics",
                own + 3.0,
                (own + 3.0) * 0.3,
            ),
            ("CloudWatch Logs: 30 days, kept", 3.0, 0.09),
            ("DynamoDB: 10,000 orders, kept", 0.1, 0.025),
            ("DynamoDB: 10,000 orders, recoverable", 0.1, 0.02),
        ];
        assert_eq!(lines.len(), expected.len());
        for (line, (what, quantity, dollars)) in lines.iter().zip(expected) {
            assert_eq!(line.what, what);
            assert!((line.quantity - quantity).abs() < 1e-9, "{line:?}");
            assert!((line.dollars - dollars).abs() < 1e-9, "{line:?}");
        }
    }
}
