//! Slowing down whoever tries too often: to log in, to register, to have mail sent, to pay.
//!
//! Tries are counted by subject (an account, an address, a device) in windows of time. A subject whose window is used up
//! is refused by a read alone, so that a flood of tries costs no writes and makes no key hot.

use std::{net::IpAddr, sync::Arc};

use domain::Timestamp;
use sha2::{Digest, Sha256};

use crate::{
    Db,
    db::{Applied, NotWritten},
    error::{Failure, StoreError},
    item::Item,
    keys,
    write::{Is, Write},
};

/// A window of time in which tries are counted, in seconds.
const WINDOW: i64 = 15 * 60;

/// Too many tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there were too many tries")]
pub struct TooManyAttempts {
    /// Seconds until tries are counted anew.
    pub retry_after: u64,
}

/// Somebody or something whose tries are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    name: String,
    most: u32,
    on_success: OnSuccess,
}

/// What a try that succeeded does to the count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OnSuccess {
    /// It counts like any other.
    Stays,
    /// It is not counted after all.
    TakenBack,
    /// The subject begins anew.
    Cleared,
}

impl Subject {
    /// Whoever is named by `parts`, for tries at `what`, of which `most` are let through in a window. None if there is no
    /// limit. Of the parts only a digest is kept.
    pub fn new(what: &str, parts: &[&str], most: Option<u32>) -> Option<Self> {
        let mut digest = Sha256::new();
        for part in parts {
            digest.update(part);
            digest.update([0]);
        }
        let digest = data_encoding::HEXLOWER.encode(&digest.finalize()[..16]);
        Some(Self {
            name: format!("{what}#{digest}"),
            most: most?,
            on_success: OnSuccess::Stays,
        })
    }

    /// A try that succeeded does not count.
    pub fn only_failures(self) -> Self {
        Self {
            on_success: OnSuccess::TakenBack,
            ..self
        }
    }

    /// A try that succeeded clears all before it.
    pub fn until_success(self) -> Self {
        Self {
            on_success: OnSuccess::Cleared,
            ..self
        }
    }
}

/// The part of an address by which its owner is counted: of IPv6 the network of 64 bits, which is what one customer of a
/// provider is given at least (RFC 6177). Empty if it is not known.
pub fn address(ip: Option<IpAddr>) -> String {
    match ip.map(|ip| ip.to_canonical()) {
        Some(IpAddr::V4(ip)) => ip.to_string(),
        Some(IpAddr::V6(ip)) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
        None => String::new(),
    }
}

/// The counters, in a table with a time to live.
pub struct Throttle {
    db: Arc<Db>,
    table: String,
}

/// A try that was let through. It counts until it has succeeded, so that tries at the same time can't pass a limit
/// together.
#[must_use]
pub struct Attempt {
    subjects: Vec<Subject>,
    window: i64,
}

impl Throttle {
    /// The counters in this table.
    pub fn new(db: Arc<Db>, table: String) -> Self {
        Self { db, table }
    }

    /// Counts a try of these subjects, in their order: one that is refused does not use up what those after it have left.
    pub async fn attempt(
        &self,
        subjects: impl IntoIterator<Item = Option<Subject>>,
    ) -> Result<Attempt, StoreError<TooManyAttempts>> {
        let subjects: Vec<Subject> = subjects.into_iter().flatten().collect();
        let now = self.db.now();
        let counters = self.counters(&subjects, now);
        let counters: Vec<_> = counters.map(|key| (self.table.as_str(), key)).collect();
        let counted = self.db.get_all(&counters).await?;
        check(&subjects, &counted, now)?;
        for subject in &subjects {
            if self.count(subject, now).await? > u64::from(subject.most) {
                return Err(StoreError::Refused(TooManyAttempts::at(now)));
            }
        }
        let window = window(now);
        Ok(Attempt { subjects, window })
    }

    /// Notes that a try succeeded.
    pub async fn succeeded(&self, attempt: Attempt) -> Result<(), Failure> {
        for subject in &attempt.subjects {
            let counter = keys::throttle(&subject.name, attempt.window);
            let write = match subject.on_success {
                OnSuccess::Stays => continue,
                OnSuccess::Cleared => Write::delete(&self.table, counter),
                OnSuccess::TakenBack => Write::update(&self.table, counter)
                    .raise("failures", -1)
                    .only_if("failures", Is::MoreThan(0)),
            };
            self.db.write(write).await.applied()?;
        }
        Ok(())
    }

    /// The keys of these subjects' counters, for who reads them together with something else.
    pub(crate) fn counters(
        &self,
        subjects: &[Subject],
        now: Timestamp,
    ) -> impl Iterator<Item = Item> {
        let key = move |subject: &Subject| keys::throttle(&subject.name, window(now));
        subjects.iter().map(key)
    }

    /// Counts one more of a subject, and tells how many there are in this window.
    pub(crate) async fn count(&self, subject: &Subject, now: Timestamp) -> Result<u64, Failure> {
        let count = Write::update(&self.table, keys::throttle(&subject.name, window(now)))
            .count("failures", 1)
            .set("expires", (window(now) + 2) * WINDOW);
        match self.db.write(count).await {
            Ok(item) => Ok(item.unwrap_or_default().number("failures")?),
            Err(NotWritten::Condition(_)) => Ok(0),
            // Nothing else was done yet, so it does not matter to whoever tries whether it was counted.
            Err(NotWritten::Failed(Failure::OutcomeUnknown(source))) => Err(Failure::Busy(source)),
            Err(NotWritten::Failed(failure)) => Err(failure),
        }
    }
}

/// Refuses subjects whose counters, in their order, say that their window is used up.
pub(crate) fn check<R: From<TooManyAttempts>>(
    subjects: &[Subject],
    counters: &[Option<Item>],
    now: Timestamp,
) -> Result<(), StoreError<R>> {
    for (subject, counter) in subjects.iter().zip(counters) {
        let failures: u64 = match counter {
            Some(counter) => counter.number("failures")?,
            None => 0,
        };
        if failures >= u64::from(subject.most) {
            return Err(StoreError::Refused(TooManyAttempts::at(now).into()));
        }
    }
    Ok(())
}

fn window(now: Timestamp) -> i64 {
    now.as_seconds().div_euclid(WINDOW)
}

impl TooManyAttempts {
    fn at(now: Timestamp) -> Self {
        let left = WINDOW - now.as_seconds().rem_euclid(WINDOW);
        Self {
            retry_after: left.unsigned_abs(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_its_owners() {
        let of = |text: &str| address(text.parse().ok());
        assert_eq!(of("192.0.2.1"), "192.0.2.1");
        assert_eq!(of("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2");
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(address(None), "");
    }

    #[test]
    fn a_subject_tells_nothing_of_who_it_is_and_parts_do_not_run_together() {
        let subject = |parts: &[&str]| Subject::new("log-in", parts, Some(10)).unwrap();
        let one = subject(&["ann@example.com", "192.0.2.1"]);
        assert!(!format!("{one:?}").contains("ann"), "{one:?}");
        assert_ne!(subject(&["a", "bc"]), subject(&["ab", "c"]));
        assert_ne!(
            one,
            Subject::new("reset", &["ann@example.com", "192.0.2.1"], Some(10)).unwrap()
        );
        assert_eq!(Subject::new("log-in", &["ann"], None), None);
    }

    #[test]
    fn a_window_ends_when_it_says() {
        for (second, left) in [(0, 900), (1, 899), (899, 1), (900, 900)] {
            let now = Timestamp::from_millis(second * 1000);
            assert_eq!(TooManyAttempts::at(now).retry_after, left);
        }
    }
}
