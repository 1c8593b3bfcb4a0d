//! Write units that one partition key takes in a second, of a table and of each index.

use std::collections::BTreeMap;

/// A table or index (`table/index`) and the value of its partition key, as JSON text.
pub(crate) type Partition = (String, String);

/// What was written in this second.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    second: u64,
    units: BTreeMap<Partition, u32>,
}

impl Throttle {
    /// Whether all of these partitions take more in this second. What a write costs is known when it is done, so a
    /// partition may go over its limit by one write.
    pub(crate) fn admits<'p>(
        &mut self,
        second: u64,
        partitions: impl IntoIterator<Item = &'p Partition>,
        limit: u32,
    ) -> bool {
        self.turn_to(second);
        let full = |partition: &Partition| self.units.get(partition).is_some_and(|it| *it >= limit);
        !partitions.into_iter().any(full)
    }

    /// Notes what was written.
    pub(crate) fn charge(&mut self, second: u64, units: &BTreeMap<Partition, u32>) {
        self.turn_to(second);
        for (partition, units) in units {
            *self.units.entry(partition.clone()).or_default() += units;
        }
    }

    fn turn_to(&mut self, second: u64) {
        if second != self.second {
            self.second = second;
            self.units.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_takes_so_much_a_second_and_no_more() {
        let mut throttle = Throttle::default();
        let hot = ("orders".to_owned(), "1".to_owned());
        let written = BTreeMap::from([(hot.clone(), 4)]);
        for _ in 0..3 {
            assert!(throttle.admits(7, [&hot], 10));
            throttle.charge(7, &written);
        }
        assert!(!throttle.admits(7, [&hot], 10));
        assert!(throttle.admits(8, [&hot], 10));
    }
}
