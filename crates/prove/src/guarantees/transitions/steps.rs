//! What a process does next, and what DynamoDB and the provider make of it.

use domain::{Timestamp, payment::StepState};
use store::orders::OrderRecord;

use super::{
    model::Way,
    state::{At, Buyer, Entry, Row, State, WANTED, Write, placed},
};

/// A charge is made only while its order can be paid.
pub(super) fn charge_or_close(record: &OrderRecord, number: u32, now: Timestamp) -> At {
    if record.is_payable(now) {
        At::Charges(number)
    } else {
        At::Closes(number)
    }
}

impl State {
    /// One transaction: the order, if there is none yet, and its pieces, if there are enough.
    pub(super) fn place(&mut self, buyer: Buyer) -> Option<()> {
        let wanted = WANTED[buyer];
        let mut pieces = self.stock.iter().zip(wanted);
        if pieces.any(|((available, _), wanted)| *available < wanted) {
            return None;
        }
        for (product, wanted) in self.stock.iter_mut().zip(wanted) {
            *product = (product.0 - wanted, product.1 + wanted);
        }
        self.orders[buyer] = Some(placed(buyer));
        Some(())
    }

    /// Does what a process does next, and gives where it is then; `None` when it is done.
    pub(super) fn go(&mut self, buyer: Buyer, at: At, way: Way) -> Option<At> {
        match (at, way) {
            (At::Writes(write, charge), Way::Write(now) | Way::WriteTwice(now)) => {
                let written = self.write(&write);
                if matches!(way, Way::WriteTwice(_)) {
                    self.landing = Some(write.clone());
                }
                // Who meets a changed order reads it again, as the next request does.
                let number = charge.filter(|_| written)?;
                Some(charge_or_close(write.after.record(), number, now))
            }
            (At::Charges(step) | At::Closes(step), Way::Provider(entry)) => {
                let entry = *self.ledger.entry((buyer, step)).or_insert(entry);
                Some(At::Knows(step, entry))
            }
            (At::GivesBack { step, charge }, _) => {
                let entry = Entry::GaveBack(charge);
                self.ledger.insert((buyer, step), entry);
                Some(At::Knows(step, entry))
            }
            (At::Knows(step, entry), Way::Read(now)) => self.finish(buyer, step, entry, now),
            _ => None,
        }
    }

    /// Writes what the provider said on the order, as it is by now.
    fn finish(&self, buyer: Buyer, number: u32, entry: Entry, now: Timestamp) -> Option<At> {
        let before = self.orders[buyer].as_ref()?;
        let record = before.record();
        let step = record.steps.0.iter().find(|step| step.number == number)?;
        let after = match entry {
            Entry::GaveBack(_) => {
                let id = "re".to_owned();
                record.with_step(number, StepState::Done { id })
            }
            _ if step.state != StepState::Pending => return None,
            _ => record.after_charge(number, &entry.told(), record.is_payable(now), now),
        };
        let write = Write {
            order: buyer,
            before: before.clone(),
            after: Row::of(after),
            returns_stock: false,
        };
        Some(At::Writes(write, None))
    }

    /// A compare-and-set on status and version, with the stock in the same transaction. Tells whether it was done.
    pub(super) fn write(&mut self, write: &Write) -> bool {
        let of = |row: &Row| (row.record().order.status, row.record().order.version);
        let now = self.orders[write.order].as_ref().map(of);
        if now != Some(of(&write.before)) {
            return false;
        }
        if write.returns_stock {
            for (product, wanted) in self.stock.iter_mut().zip(WANTED[write.order]) {
                *product = (product.0 + wanted, product.1 - wanted);
            }
        }
        self.orders[write.order] = Some(write.after.clone());
        true
    }
}
