//! From which buckets an order takes its pieces, and so where they return to.

use std::{fmt, str::FromStr};

use crate::Bucket;

/// Pieces one line takes from one bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// The line, by its place in the order.
    pub line: u8,
    /// The bucket.
    pub bucket: u8,
    /// Pieces.
    pub quantity: u32,
}

/// All of an order's allocations. As text, which is how they are kept: `line:bucket:quantity`, separated by commas.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Allocations(pub Vec<Allocation>);

/// The text is not one of allocations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a list of allocations")]
pub struct NotAllocations;

impl fmt::Display for Allocations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (
            i,
            Allocation {
                line,
                bucket,
                quantity,
            },
        ) in self.0.iter().enumerate()
        {
            let comma = if i == 0 { "" } else { "," };
            write!(f, "{comma}{line}:{bucket}:{quantity}")?;
        }
        Ok(())
    }
}

impl FromStr for Allocations {
    type Err = NotAllocations;

    fn from_str(text: &str) -> Result<Self, NotAllocations> {
        let one = |part: &str| {
            let mut numbers = part.split(':');
            let allocation = Allocation {
                line: numbers.next()?.parse().ok()?,
                bucket: numbers.next()?.parse().ok()?,
                quantity: numbers.next()?.parse().ok()?,
            };
            numbers.next().is_none().then_some(allocation)
        };
        text.split(',')
            .map(one)
            .collect::<Option<_>>()
            .map(Self)
            .ok_or(NotAllocations)
    }
}

/// Takes `quantity` pieces from as few of `buckets` as possible, the fullest first: `(bucket, pieces)`.
/// `None` when there are not enough.
pub fn from_fullest(buckets: &[Bucket], quantity: u32) -> Option<Vec<(u8, u32)>> {
    let mut fullest: Vec<&Bucket> = buckets.iter().filter(|b| b.available > 0).collect();
    fullest.sort_by_key(|b| (-b.available, b.number));
    let mut missing = quantity;
    let mut taken = Vec::new();
    for bucket in fullest {
        if missing == 0 {
            break;
        }
        let pieces = missing.min(u32::try_from(bucket.available).unwrap_or(u32::MAX));
        taken.push((bucket.number, pieces));
        missing -= pieces;
    }
    (missing == 0).then_some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(available: &[i64]) -> Vec<Bucket> {
        let bucket = |(number, &available): (usize, &i64)| Bucket {
            number: number as u8,
            available,
            taken: 0,
            received: available,
            offer_version: 1,
            active: true,
            version: 0,
        };
        available.iter().enumerate().map(bucket).collect()
    }

    #[test]
    fn the_fullest_buckets_serve_first() {
        assert_eq!(
            from_fullest(&buckets(&[1, 5, 3]), 6),
            Some(vec![(1, 5), (2, 1)])
        );
        assert_eq!(
            from_fullest(&buckets(&[1, 5, 3]), 9),
            Some(vec![(1, 5), (2, 3), (0, 1)])
        );
        assert_eq!(from_fullest(&buckets(&[1, 5, 3]), 10), None);
        assert_eq!(
            from_fullest(&buckets(&[i64::MAX]), u32::MAX),
            Some(vec![(0, u32::MAX)])
        );
    }

    #[test]
    fn allocations_survive_being_kept() {
        let kept = "0:3:2,0:5:1,1:0:99";
        assert_eq!(kept.parse::<Allocations>().unwrap().to_string(), kept);
        for text in ["", "0", "0:1", "0:1:2:3", "a:b:c", "0:256:1", "0:1:-1"] {
            assert_eq!(text.parse::<Allocations>(), Err(NotAllocations), "{text}");
        }
    }
}
