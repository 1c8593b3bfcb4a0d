//! The auditor: reads every product, bucket, movement, cart, order, charge and event, and names each that does not agree
//! with the others.
//!
//! - [`books`]: everything the tables hold, read as values.
//! - `stock`, `money`, `carts`, `work`, `events`: the rules, each a function of the books.
//! - `suspects`: what is looked at again before it is named.

pub mod books;
mod carts;
mod events;
mod money;
mod stock;
mod suspects;
mod work;

use std::{collections::BTreeSet, fmt, time::Duration};

use serde::{Serialize, Serializer};

pub use books::{Books, Tables};
use suspects::Suspects;

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

/// What an audit looked at and found. As JSON it says of findings how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
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
    /// By how many seconds the oldest work that is due is late; 0 when none is due.
    pub late_s: u64,
    /// What is wrong.
    #[serde(serialize_with = "how_many")]
    pub findings: BTreeSet<Finding>,
}

fn how_many<S: Serializer>(findings: &BTreeSet<Finding>, serializer: S) -> Result<S::Ok, S::Error> {
    findings.len().serialize(serializer)
}

/// How fast an audit reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// As fast as the tables answer.
    Full,
    /// With a rest after each part of a table, so that customers find their share of it.
    Gentle,
}

impl Pace {
    /// A part of a scan is 1 MB at most, which is 256 read units, and a partition of a table gives 3,000 a second
    /// ("Read consistency" and "Burst and adaptive capacity", Amazon DynamoDB developer guide). With this rest a scan takes
    /// less than 1,800.
    const REST: Duration = Duration::from_millis(150);

    /// Rests between two parts of a table.
    async fn rest(self) {
        match self {
            Self::Full => {}
            Self::Gentle => tokio::time::sleep(Self::REST).await,
        }
    }
}

/// How often suspects are looked at again before they are named.
const LOOKS: u32 = 4;
/// How long to wait in between: reading tables in use is no snapshot, and the stream lags by seconds.
const PAUSE: Duration = Duration::from_millis(1500);

/// Audits a shop. A suspect is named only if it breaks the same rule each time it is looked at.
pub async fn audit(db: &Db, tables: &Tables) -> Result<Report, Failure> {
    audit_at(Pace::Full, db, tables).await
}

/// The same at this pace.
pub async fn audit_at(pace: Pace, db: &Db, tables: &Tables) -> Result<Report, Failure> {
    let (mut report, mut suspects) = {
        let (report, books) = look(pace, db, tables).await?;
        let suspects = Suspects::of(&report.findings, &books);
        // The books go here: those of two looks at a time would be too much for a function's memory.
        (report, suspects)
    };
    for _ in 1..LOOKS {
        if report.findings.is_empty() {
            break;
        }
        tokio::time::sleep(PAUSE).await;
        let (mut again, books) = look(pace, db, tables).await?;
        again.findings = suspects.confirmed(again.findings, &books);
        suspects = Suspects::of(&again.findings, &books);
        report = again;
    }
    Ok(report)
}

async fn look(pace: Pace, db: &Db, tables: &Tables) -> Result<(Report, Books), Failure> {
    let mut findings = BTreeSet::new();
    let books = Books::read(pace, db, tables, &mut findings).await?;
    let now = db.now();
    findings.extend(books.findings(now));
    let report = Report {
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
        late_s: work::late(&books, now).as_secs(),
        findings,
    };
    Ok((report, books))
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
