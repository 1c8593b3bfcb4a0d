//! The auditor: reads every product, bucket, movement, cart, order, charge and event, and names each that does not agree
//! with the others.
//!
//! - [`books`]: everything the tables hold, read as values.
//! - `stock`, `money`, `carts`, `work`, `events`: the rules, each a function of the books.

pub mod books;
mod carts;
mod events;
mod money;
mod stock;
mod work;

use std::{collections::BTreeSet, fmt, time::Duration};

pub use books::{Books, Tables};

use crate::{Db, error::Failure};

/// An item that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The item's key.
    pub item: String,
    /// The rule it breaks.
    pub rule: &'static str,
    /// How.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.item, self.rule, self.detail)
    }
}

/// What an audit looked at and found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Products read.
    pub products: usize,
    /// Buckets read.
    pub buckets: usize,
    /// Movements read.
    pub movements: usize,
    /// Carts read.
    pub carts: usize,
    /// Orders read.
    pub orders: usize,
    /// Events read from the built-in bus.
    pub events: usize,
    /// Charges in the provider's ledger.
    pub charges: usize,
    /// What is wrong.
    pub findings: BTreeSet<Finding>,
}

/// How often suspects are looked at again before they are named.
const LOOKS: u32 = 4;
/// How long to wait in between: reading tables in use is no snapshot, and the stream lags by seconds.
const PAUSE: Duration = Duration::from_millis(1500);

/// Audits a shop. A suspect is named only if it breaks the same rule each time it is looked at.
pub async fn audit(db: &Db, tables: &Tables) -> Result<Report, Failure> {
    let mut report = look(db, tables).await?;
    for _ in 1..LOOKS {
        if report.findings.is_empty() {
            break;
        }
        tokio::time::sleep(PAUSE).await;
        let again = look(db, tables).await?;
        let broken: BTreeSet<(&str, &str)> = report
            .findings
            .iter()
            .map(|f| (f.item.as_str(), f.rule))
            .collect();
        let still = |finding: &&Finding| broken.contains(&(finding.item.as_str(), finding.rule));
        let findings = again.findings.iter().filter(still).cloned().collect();
        report = Report { findings, ..again };
    }
    Ok(report)
}

async fn look(db: &Db, tables: &Tables) -> Result<Report, Failure> {
    let mut findings = BTreeSet::new();
    let books = Books::read(db, tables, &mut findings).await?;
    findings.extend(books.findings(db.now()));
    Ok(Report {
        products: books.products.len(),
        buckets: books.buckets.len(),
        movements: books
            .movements
            .values()
            .map(|of_bucket| of_bucket.len())
            .sum(),
        carts: books.carts.len(),
        orders: books.orders.len(),
        events: books.events.values().map(|of_order| of_order.len()).sum(),
        charges: books.charges.len(),
        findings,
    })
}

impl Books {
    /// Everything that is wrong at `now`.
    pub fn findings(&self, now: domain::Timestamp) -> Vec<Finding> {
        let mut findings = stock::findings(self);
        findings.extend(money::findings(self));
        findings.extend(carts::findings(self));
        findings.extend(work::findings(self, now));
        findings.extend(events::findings(self));
        findings
    }
}

fn finding(item: impl Into<String>, rule: &'static str, detail: impl Into<String>) -> Finding {
    Finding {
        item: item.into(),
        rule,
        detail: detail.into(),
    }
}
