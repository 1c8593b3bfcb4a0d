//! Letters about orders: which there may be, which there must be in the end, and that none says what is no longer so.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use adversary::{Faults, Sent};
use serde_json::{Value, json};
use simulation::account::address_of;

use super::effects::{number, text};
use crate::{Tally, Violation, ensure};

/// What is known of letters by what was written to the tables, and by what their writers ask for.
#[derive(Default)]
pub(super) struct Letters {
    /// The customers whose addresses are known to be theirs.
    verified: BTreeSet<String>,
    /// The letters that there may be, by the key of the item that each is: while what it says is so.
    possible: BTreeMap<String, Value>,
    /// The orders as they are.
    orders: BTreeMap<String, Known>,
    /// By process and order, the first version of which the process may write to somebody: what was before that was no longer
    /// so when it last asked for the order.
    looked: BTreeMap<(String, String), i64>,
}

/// An order as it is.
struct Known {
    /// The version with which it reached its status; of an arrival, that with which it left.
    version: i64,
    /// Until when it can be paid, if it waits for that.
    payable: Option<Duration>,
    /// The letter about that, if it is due to somebody.
    letter: Option<(String, Value)>,
}

impl Letters {
    /// A customer has shown an address to be theirs.
    pub(super) fn note_verified(&mut self, customer: &str) {
        self.verified.insert(customer.to_owned());
    }

    /// An order has reached a status, of which this is the event.
    pub(super) fn note_status(&mut self, event: &Value, order: &Value) {
        // It has no letter of its own. The one about the parcel is due all the same, and tells of it.
        if event["status"] == "delivered" {
            return;
        }
        let letter = self.letter_of(event);
        self.possible.extend(letter.clone());
        let until = u64::try_from(number(order, "expires_at")).unwrap_or_default();
        let known = Known {
            version: number(order, "version"),
            payable: (event["status"] == "placed").then(|| Duration::from_millis(until)),
            letter,
        };
        let id = event["order_id"].as_str().unwrap_or_default();
        self.orders.insert(id.to_owned(), known);
    }

    /// The letter that an event may become, if its customer can be written to.
    fn letter_of(&self, event: &Value) -> Option<(String, Value)> {
        let customer = event["customer_id"].as_str()?;
        let id = event["id"].as_str()?;
        let is_told = self.verified.contains(customer);
        is_told.then(|| (format!("MAIL#{id}"), json!(address_of(customer))))
    }

    /// Somebody asks for an item: an order may be on its way into a letter.
    pub(super) fn look(&mut self, sent: &Sent<'_>, now: Duration) {
        let Some(order) = text(&sent.body["Key"], "pk").strip_prefix("ORDER#") else {
            return;
        };
        let Some(known) = self.orders.get(order) else {
            return;
        };
        // Who asks has a clock of its own.
        let is_over = |until: Duration| until + Faults::all().skew < now;
        let since = known.version + i64::from(known.payable.is_some_and(is_over));
        let whose = (sent.process.to_owned(), order.to_owned());
        self.looked.insert(whose, since);
    }

    /// Whether what this process is about to write, under this key, is a letter that says what was no longer so when the process
    /// looked.
    pub(super) fn is_overtaken(&self, process: &str, key: &str) -> bool {
        let letter = key.strip_prefix("MAIL#").and_then(|id| id.rsplit_once('#'));
        let Some((order, version)) = letter else {
            return false;
        };
        let version = version.parse().unwrap_or(0_i64);
        let since = self.looked.get(&(process.to_owned(), order.to_owned()));
        since.is_none_or(|since| version < *since)
    }

    /// The letter that there may be under this key.
    pub(super) fn possible(&self, key: &str) -> Option<&Value> {
        self.possible.get(key)
    }

    /// Whoever can be written to has a letter about what became of each of their orders in the end.
    pub(super) fn are_complete(&self, done: &BTreeMap<String, Value>) -> Result<Tally, Violation> {
        for (key, due) in self.orders.values().filter_map(|it| it.letter.as_ref()) {
            let done = done.get(key);
            ensure!(done == Some(due), "{key} should be {due} and is {done:?}");
        }
        let written = self.possible.keys().filter(|key| done.contains_key(*key));
        let written = written.count();
        Ok(Tally::new()
            .with("letters", written as u64)
            .with("letters overtaken", (self.possible.len() - written) as u64))
    }
}
