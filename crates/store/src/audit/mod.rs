//! The auditor: reads every product, bucket, movement, cart, order, charge and event, and names each that does not agree
//! with the others.
//!
//! - [`books`]: everything the tables hold, read as values.
//! - `stock`, `money`, `carts`, `work`, `events`: the rules, each a function of the books.
//! - `suspects`: what is looked at again before it is named, and what clears it.

pub mod books;
mod carts;
mod events;
mod money;
mod stock;
mod suspects;
mod work;

use std::{collections::BTreeSet, fmt, time::Duration};

use serde::{Serialize, Serializer};
use tokio::time::Instant;

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

    /// How long a gentle audit looks again. It is a function's, which has a quarter of an hour, and has to say what it found.
    const MOST: Duration = Duration::from_secs(12 * 60);

    /// How long an audit may take, if somebody would end it.
    fn most(self) -> Option<Duration> {
        match self {
            Self::Full => None,
            Self::Gentle => Some(Self::MOST),
        }
    }

    /// Rests between two parts of a table.
    async fn rest(self) {
        match self {
            Self::Full => {}
            Self::Gentle => tokio::time::sleep(Self::REST).await,
        }
    }
}

/// How long to wait before suspects are looked at again for the first time. Each wait after that is twice as long.
const PAUSE: Duration = Duration::from_secs(1);

/// How often suspects are looked at again that a stream may clear: for two minutes. A stream that is later than a minute has
/// an alarm of its own.
const WHILE_STREAMS_LAG: u32 = 7;

/// Audits a shop whose streams have been read to their end. What was suspected only since tables are read one after the other
/// is cleared within seconds.
pub async fn audit(db: &Db, tables: &Tables) -> Result<Report, Failure> {
    looks(Pace::Full, suspects::AGAIN, db, tables).await
}

/// Audits a shop that sells meanwhile, at this pace. Where something is missing that a stream may only be late with, it is
/// waited for: two minutes at most.
pub async fn audit_in_use(pace: Pace, db: &Db, tables: &Tables) -> Result<Report, Failure> {
    looks(pace, WHILE_STREAMS_LAG, db, tables).await
}

/// Looks, and looks again at what is suspected, so often at most. What is left in the end is named.
async fn looks(pace: Pace, again: u32, db: &Db, tables: &Tables) -> Result<Report, Failure> {
    let begun = Instant::now();
    let (mut report, mut suspects) = {
        let (report, books) = look(pace, db, tables).await?;
        let suspects = Suspects::of(&report.findings, &books);
        // The books go here: those of two looks at a time would be too much for a function's memory.
        (report, suspects)
    };
    let mut longest = begun.elapsed();
    for number in 0..again {
        let Some(pause) = pause(pace, number, begun.elapsed(), longest) else {
            break;
        };
        if !suspects.may_be_cleared(number) {
            break;
        }
        tokio::time::sleep(pause).await;
        let looking = Instant::now();
        let (mut later, books) = look(pace, db, tables).await?;
        later.findings = suspects.confirmed(later.findings, &books);
        report = later;
        longest = longest.max(looking.elapsed());
    }
    Ok(report)
}

/// How long to wait before suspects are looked at again, after they were so many times; nothing where there is no time for
/// another look. The first one is always made: after a single look, nothing is known.
fn pause(pace: Pace, number: u32, spent: Duration, longest: Duration) -> Option<Duration> {
    let pause = PAUSE * 2_u32.pow(number);
    let is_time = |most: Duration| spent + pause + longest <= most;
    (number == 0 || pace.most().is_none_or(is_time)).then_some(pause)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The pauses between looks at this pace that take so long each.
    fn pauses(pace: Pace, each: Duration) -> Vec<u64> {
        let mut spent = each;
        let pauses = (0..WHILE_STREAMS_LAG).map_while(|number| {
            let pause = pause(pace, number, spent, each)?;
            spent += pause + each;
            Some(pause.as_secs())
        });
        pauses.collect()
    }

    #[test]
    fn streams_are_waited_for_in_growing_pauses_and_not_past_the_end_of_a_function() {
        let pauses = |minutes: u64| pauses(Pace::Gentle, Duration::from_secs(60 * minutes));
        assert_eq!(pauses(0), [1, 2, 4, 8, 16, 32, 64]);
        // The last look would end after more than twelve minutes.
        assert_eq!(pauses(2), [1, 2, 4, 8]);
        assert_eq!(pauses(5), [1]);
        // Two looks there are, however long they take.
        assert_eq!(pauses(7), [1]);
    }

    #[test]
    fn an_audit_that_nobody_ends_waits_for_streams_however_long_its_looks_take() {
        let hour = Duration::from_secs(3600);
        assert_eq!(pauses(Pace::Full, hour), [1, 2, 4, 8, 16, 32, 64]);
    }
}
