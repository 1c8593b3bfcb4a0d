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
    /// Takes these units at this second if every partition still has them; else names the first that has not.
    pub(crate) fn take(
        &mut self,
        second: u64,
        wanted: &BTreeMap<Partition, u32>,
        limit: u32,
    ) -> Result<(), Partition> {
        if second != self.second {
            self.second = second;
            self.units.clear();
        }
        let spent = |partition| self.units.get(partition).copied().unwrap_or_default();
        for (partition, units) in wanted {
            if spent(partition) + units > limit {
                return Err(partition.clone());
            }
        }
        for (partition, units) in wanted {
            *self.units.entry(partition.clone()).or_default() += units;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_takes_so_much_a_second_and_no_more() {
        let mut throttle = Throttle::default();
        let hot = ("orders".to_owned(), "1".to_owned());
        let wanted = BTreeMap::from([(hot.clone(), 4)]);
        assert!(throttle.take(7, &wanted, 10).is_ok());
        assert!(throttle.take(7, &wanted, 10).is_ok());
        assert_eq!(throttle.take(7, &wanted, 10), Err(hot));
        assert!(throttle.take(8, &wanted, 10).is_ok());
    }
}
