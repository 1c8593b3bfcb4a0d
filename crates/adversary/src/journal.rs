//! Everything that happened in a world, in order, and a digest of it: two runs of one seed that differ anywhere have
//! different digests.

use std::{io, sync::Mutex};

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The journal of a world.
#[derive(Debug, Default)]
pub struct Journal(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    hash: Sha256,
    count: u64,
    /// Kept only when somebody wants to read them.
    kept: Option<Vec<Value>>,
}

#[derive(Serialize)]
struct Entry<'a, T> {
    at: u64,
    who: &'a str,
    what: &'a str,
    more: T,
}

/// A digest that is written to.
struct Hashing<'a>(&'a mut Sha256);

impl io::Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Journal {
    /// From now on entries are kept to be read, not only counted and hashed.
    pub fn keep(&self) {
        self.entries(|entries| {
            entries.kept.get_or_insert_default();
        });
    }

    /// Notes that something happened `at` so many microseconds of simulated time. Maps in `what` are ordered by their
    /// names, whoever made them.
    pub fn note(&self, at: u128, who: &str, what: &str, more: impl Serialize) {
        let at = u64::try_from(at).unwrap_or(u64::MAX);
        let entry = Entry {
            at,
            who,
            what,
            more,
        };
        self.entries(|entries| {
            // `serde_json` keeps the members of an object in the order of their names.
            let hashed = serde_json::to_writer(Hashing(&mut entries.hash), &entry);
            hashed.unwrap_or_else(|error| panic!("an entry is no JSON: {error}"));
            entries.count += 1;
            if let Some(kept) = &mut entries.kept {
                kept.push(serde_json::to_value(&entry).unwrap_or_default());
            }
        });
    }

    /// How many entries there are.
    pub fn len(&self) -> u64 {
        self.entries(|entries| entries.count)
    }

    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The digest of all entries, in hexadecimal digits.
    pub fn digest(&self) -> String {
        self.entries(|entries| data_encoding::HEXLOWER.encode(&entries.hash.clone().finalize()))
    }

    /// The entries, if they were kept.
    pub fn entries_kept(&self) -> Vec<Value> {
        self.entries(|entries| entries.kept.clone().unwrap_or_default())
    }

    fn entries<T>(&self, with: impl FnOnce(&mut Entries) -> T) -> T {
        let mut entries = self
            .0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        with(&mut entries)
    }
}
