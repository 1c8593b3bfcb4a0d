//! Gathering stock: moving pieces between a product's buckets until an order over very many buckets fits a transaction.

use domain::{Allocation, Allocations, Cause, CauseKind, NewOrder};

use super::{Checkout, place::MOST_STOCK_ACTIONS};
use crate::{catalogue::bucket, db::Applied, error::Failure};

impl Checkout {
    /// Moves what the smallest allocations would take into the bucket from which their line takes most, one bucket at a
    /// time, until the rest fits. A move that somebody's purchase got in the way of is left out: the next look tells.
    pub(super) async fn gather(
        &self,
        new: &NewOrder,
        allocations: &Allocations,
    ) -> Result<(), Failure> {
        let cause = Cause {
            kind: CauseKind::Move,
            id: new.id.to_string(),
            actor: "system".into(),
        };
        for (from, to) in moves(allocations) {
            let Some(line) = new.lines.get(usize::from(from.line)) else {
                continue;
            };
            let pieces = i64::from(from.quantity);
            let writes = [(from.bucket, -pieces), (to, pieces)].map(|(number, pieces)| {
                bucket::adjust(
                    &self.catalogue.table,
                    &line.product_id,
                    number,
                    pieces,
                    &cause,
                )
            });
            self.db().transact(&writes).await.applied()?;
        }
        Ok(())
    }
}

/// Which allocations give way, and to which bucket of the same line.
fn moves(allocations: &Allocations) -> Vec<(Allocation, u8)> {
    let mut smallest = allocations.0.clone();
    smallest.sort_by_key(|allocation| allocation.quantity);
    let too_many = smallest.len().saturating_sub(MOST_STOCK_ACTIONS);
    let largest = |line: u8| {
        allocations
            .0
            .iter()
            .filter(|a| a.line == line)
            .max_by_key(|a| a.quantity)
            .map(|a| a.bucket)
    };
    let with_target = smallest
        .into_iter()
        .filter_map(|from| Some((from, largest(from.line)?)));
    with_target
        .filter(|(from, to)| from.bucket != *to)
        .take(too_many)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_allocations_give_way_as_are_too_many() {
        let all = (0..2).flat_map(|line| {
            (0..64).map(move |bucket| Allocation {
                line,
                bucket,
                quantity: 1,
            })
        });
        let moves = moves(&Allocations(all.collect()));
        assert_eq!(moves.len(), 128 - MOST_STOCK_ACTIONS);
        assert!(moves.iter().all(|(from, to)| from.bucket != *to));
    }
}
