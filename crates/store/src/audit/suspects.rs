//! What the first look suspects, and whether it is right after all by what later ones see.
//!
//! A look reads table after table while the shop goes on, so what belongs together is not read at one moment, and what
//! streams bring about comes seconds later still. Most items are at rest when they are looked at again. A bucket of a
//! product that sells all the time never is: so what [`evidence`] has of the first look is judged by all that is known
//! later about that same moment, and never by what has happened since.

mod evidence;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use domain::OrderId;

use self::evidence::{Evidence, Level, Taken, Told, Verdict};
use super::{Finding, books::Books, events, stock};
use crate::catalogue::BucketKey;

/// How often a suspect is looked at again that waits for no stream: tables in use are no snapshot.
pub(super) const AGAIN: u32 = 3;

/// What was suspected at the first look and not cleared since: items, and the rules they seem to break.
pub(super) struct Suspects(BTreeMap<Broken, Suspect>);

/// An item and the rule that it seems to break.
type Broken = (String, &'static str);

struct Suspect {
    /// What the first look found.
    first: Finding,
    evidence: Evidence,
    /// Whether it is known to be wrong, whatever comes later.
    is_wrong: bool,
}

impl Suspects {
    /// Those of a look at these books.
    pub(super) fn of(findings: &BTreeSet<Finding>, books: &Books) -> Self {
        let suspects = findings.iter().map(|it| (broken_by(it), Suspect::of(it)));
        let mut suspects: BTreeMap<Broken, Suspect> = suspects.collect();
        let mut taken: BTreeMap<BucketKey, Taken> = BTreeMap::new();
        for (key, bucket) in &books.buckets {
            let name = stock::name(key);
            if let Some(suspect) = suspects.get_mut(&(name.clone(), stock::LEVEL)) {
                suspect.evidence = Evidence::Level(Level::of(key, bucket, books));
            }
            if suspects.contains_key(&(name, stock::TAKEN)) {
                taken.insert(key.clone(), Taken::of(key, bucket));
            }
        }
        for record in books.orders.values().filter(|it| it.holds_stock()) {
            for allocation in &record.allocations.0 {
                let line = record.order.items.get(usize::from(allocation.line));
                let key = line.map(|it| (it.product_id.clone(), allocation.bucket));
                if let Some(taken) = key.and_then(|key| taken.get_mut(&key)) {
                    taken.is_held_by(&record.order.id, allocation.quantity);
                }
            }
        }
        for (key, taken) in taken {
            if let Some(suspect) = suspects.get_mut(&(stock::name(&key), stock::TAKEN)) {
                suspect.evidence = Evidence::Taken(taken);
            }
        }
        for ((item, rule), suspect) in &mut suspects {
            if *rule == events::TOLD {
                let told = OrderId::parse(item).and_then(|id| Told::of(id, books));
                suspect.evidence = told.map_or(Evidence::Nothing, Evidence::Told);
            }
        }
        Self(suspects)
    }

    /// Of what a later look finds in its books: what was suspected from the first and is not cleared by this one either. Where
    /// it finds nothing, and that clears nothing, the first look's finding stands.
    pub(super) fn confirmed(
        &mut self,
        mut findings: BTreeSet<Finding>,
        books: &Books,
    ) -> BTreeSet<Finding> {
        let broken: BTreeSet<Broken> = findings.iter().map(broken_by).collect();
        self.0.retain(|name, suspect| {
            let verdict = suspect.evidence.judged(books);
            suspect.is_wrong |= verdict == Verdict::Wrong;
            let is_broken = broken.contains(name) || suspect.evidence.may_be_hidden();
            is_broken && verdict != Verdict::Right
        });
        findings.retain(|it| self.0.contains_key(&broken_by(it)));
        let hidden = self.0.iter().filter(|(name, _)| !broken.contains(*name));
        findings.extend(hidden.map(|(_, suspect)| suspect.first.clone()));
        findings
    }

    /// Whether one of them may be cleared by looking once more, after so many times that they were looked at again.
    pub(super) fn may_be_cleared(&self, looked_again: u32) -> bool {
        self.0.values().any(|it| match it.evidence {
            Evidence::Nothing => looked_again < AGAIN,
            Evidence::Level(_) | Evidence::Taken(_) | Evidence::Told(_) => !it.is_wrong,
        })
    }
}

impl Suspect {
    /// Of which nothing is known yet but what was found.
    fn of(first: &Finding) -> Self {
        Self {
            first: first.clone(),
            evidence: Evidence::Nothing,
            is_wrong: false,
        }
    }
}

fn broken_by(finding: &Finding) -> Broken {
    (finding.item.clone(), finding.rule)
}
