//! Everything that happened in a world, in order, for those who want to read it or to compare runs: two runs of one seed
//! that differ anywhere have different digests.

use std::sync::Mutex;

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The journal of a world. Nothing is noted before [`Journal::begin`]: it takes a good part of a run's time.
#[derive(Debug, Default)]
pub struct Journal(Mutex<Option<Vec<Value>>>);

impl Journal {
    /// From now on everything is noted.
    pub fn begin(&self) {
        self.entries(|entries| {
            entries.get_or_insert_default();
        });
    }

    /// Notes that something happened `at` so many microseconds of simulated time. Maps in `more` are ordered by their
    /// names, whoever made them.
    pub fn note(&self, at: u128, who: &str, what: &str, more: impl Serialize) {
        self.entries(|entries| {
            if let Some(entries) = entries {
                // `serde_json` keeps the members of an object in the order of their names.
                let more = serde_json::to_value(more);
                let more = more.unwrap_or_else(|error| panic!("an entry is no JSON: {error}"));
                let at = u64::try_from(at).unwrap_or(u64::MAX);
                entries.push(json!({"at": at, "who": who, "what": what, "more": more}));
            }
        });
    }

    /// Everything that was noted.
    pub fn all(&self) -> Vec<Value> {
        self.entries(|entries| entries.clone().unwrap_or_default())
    }

    /// The digest of everything that was noted, in hexadecimal digits.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for entry in self.all() {
            hash.update(entry.to_string());
        }
        data_encoding::HEXLOWER.encode(&hash.finalize())
    }

    fn entries<T>(&self, with: impl FnOnce(&mut Option<Vec<Value>>) -> T) -> T {
        let mut entries = self
            .0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        with(&mut entries)
    }
}
