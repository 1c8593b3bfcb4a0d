use super::*;

fn mug() -> ProductId {
    ProductId::parse("mug").unwrap()
}

/// The history of a bucket at this version with so many pieces, and of these movements.
fn history(version: u64, available: i64, movements: &[(u64, CauseKind, i64, i64)]) -> History {
    let mut history = History::default();
    let bucket = Bucket {
        number: 2,
        available,
        taken: 0,
        received: available,
        offer_version: 1,
        active: true,
        version,
    };
    history.buckets.insert((mug(), 2), bucket);
    for (version, kind, before, after) in movements {
        history.add(movement(*kind, *before, *after), *version);
    }
    history
}

fn movement(kind: CauseKind, before: i64, after: i64) -> Movement {
    Movement {
        product_id: mug(),
        bucket: 2,
        at: Timestamp::from_millis(0),
        change: after - before,
        before,
        after,
        cause: Cause {
            kind,
            id: "adj_1".to_owned(),
            actor: "system".to_owned(),
        },
    }
}

/// First and last version of each gap, and the levels at its sides.
fn found(history: &History) -> Vec<(u64, u64, i64, i64)> {
    let gaps = history.gaps().into_iter();
    gaps.map(|gap| (gap.first, gap.last, gap.before, gap.after))
        .collect()
}

#[test]
fn gaps_are_found_at_the_beginning_between_movements_and_at_the_end() {
    use CauseKind::{Adjustment, Order};
    let whole = [(1, Adjustment, 0, 9), (2, Order, 9, 7), (3, Order, 7, 6)];
    assert!(found(&history(3, 6, &whole)).is_empty());
    assert_eq!(found(&history(3, 6, &whole[1..])), [(1, 1, 0, 9)]);
    let torn = [whole[0], whole[2]];
    assert_eq!(found(&history(3, 6, &torn)), [(2, 2, 9, 7)]);
    assert_eq!(found(&history(5, 1, &torn)), [(2, 2, 9, 7), (4, 5, 6, 1)]);
    assert_eq!(history(5, 1, &torn).missing(), 3);
    assert_eq!(found(&history(2, 7, &[])), [(1, 2, 0, 7)]);
    assert!(found(&history(0, 0, &[])).is_empty());
    // What changed since the bucket was read is not its business.
    assert!(found(&history(1, 9, &torn)).is_empty());
}

#[test]
fn a_gap_that_was_written_down_is_none_any_more_and_stands_for_all_in_it() {
    use CauseKind::{Adjustment, Gap, Order};
    let torn = [(1, Adjustment, 0, 9), (5, Order, 4, 3)];
    let mut history = history(5, 3, &torn);
    let gaps = history.gaps();
    let [gap] = &gaps[..] else {
        panic!("{gaps:?}");
    };
    assert_eq!(
        gap.to_string(),
        "STOCK#mug#2: no movement for versions 2 to 4, which lead from 9 to 4"
    );
    let (told, later) = (movement(Order, 9, 8), movement(Order, 3, 2));
    for version in 2..=4 {
        assert!(history.lacks(&told, version), "{version}");
    }
    let accepted = gap.movement(Timestamp::from_millis(7));
    assert_eq!(
        (accepted.cause.kind, accepted.cause.id.as_str()),
        (Gap, "2-4")
    );
    assert_eq!((accepted.change, accepted.after), (-5, 4));
    history.add(accepted, gap.last);
    assert!(found(&history).is_empty());
    for version in 1..=5 {
        assert!(!history.lacks(&told, version), "{version}");
    }
    // The bucket had no sixth change when it was read.
    assert!(!history.lacks(&later, 6));
}
