use std::time::Duration;

use domain::Cause;

use super::*;

fn mug() -> ProductId {
    ProductId::parse("mug").unwrap()
}

/// The history of a bucket at this version with so many pieces, and of these movements.
fn history(version: u64, available: i64, movements: &[(u64, CauseKind, i64, i64)]) -> History {
    let mut history = History::begun_at(Timestamp::from_millis(0));
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

/// An item that says that somebody saw, at this time, that movements of the bucket are missing when it had this version.
fn seen(version: u64, at: i64) -> Item {
    let missed = crate::keys::missed(&mug(), 2, version);
    missed.with("version", version).with("at", at)
}

/// Of each gap its last version, and by when its changes had happened.
fn happened(history: &History) -> Vec<(u64, Option<i64>)> {
    let gaps = history.gaps().into_iter();
    gaps.map(|gap| (gap.last, gap.by.map(Timestamp::as_millis)))
        .collect()
}

#[test]
fn a_gap_is_as_old_as_the_movement_after_it_or_as_somebody_saw_it() {
    use CauseKind::{Adjustment, Order};
    let torn = [(1, Adjustment, 0, 9), (3, Order, 7, 6), (4, Order, 6, 5)];
    let mut history = history(6, 1, &torn);
    let of_bucket = history.movements.get_mut(&(mug(), 2)).unwrap();
    for (version, at) in [(3, 30_000), (4, 40_000)] {
        of_bucket.get_mut(&version).unwrap().at = Timestamp::from_millis(at);
    }
    // Nobody knows when the last changes were.
    assert_eq!(happened(&history), [(2, Some(30_000)), (6, None)]);
    // The bucket had not all of them when it was seen.
    history.read(&seen(5, 50_000)).unwrap();
    assert_eq!(happened(&history), [(2, Some(30_000)), (6, None)]);
    history.read(&seen(6, 60_000)).unwrap();
    assert_eq!(happened(&history), [(2, Some(30_000)), (6, Some(60_000))]);
    // It may be seen before the movement that follows, but not later.
    history.read(&seen(2, 20_000)).unwrap();
    assert_eq!(happened(&history), [(2, Some(20_000)), (6, Some(60_000))]);
    history.missed.clear();
    history.read(&seen(6, 10_000)).unwrap();
    assert_eq!(happened(&history), [(2, Some(10_000)), (6, Some(10_000))]);

    // A movement of a change that came after the bucket was read tells as well.
    history.missed.clear();
    history.add(movement(Order, 1, 0), 7);
    assert_eq!(happened(&history), [(2, Some(30_000)), (6, Some(0))]);
}

#[test]
fn it_is_certain_that_nobody_will_tell_of_a_gap_only_when_the_stream_has_long_forgotten_it() {
    let torn = [(2, CauseKind::Order, 9, 8)];
    let mut history = history(2, 8, &torn);
    let mut of = |at| {
        let of_bucket = history.movements.get_mut(&(mug(), 2)).unwrap();
        of_bucket.get_mut(&2).unwrap().at = at;
        let gap = history.gaps().remove(0);
        gap.certain_from()
    };
    let at = Timestamp::from_millis(1_795_388_221_000);
    let day = Duration::from_secs(24 * 3600);
    assert!(of(at).unwrap() > at.plus(day));
    assert_eq!(of(at), Some(at.plus(day + Duration::from_secs(3600))));
    history.movements.clear();
    assert_eq!(history.gaps().remove(0).certain_from(), None);
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

#[test]
fn a_gap_is_certain_by_the_time_at_which_the_history_was_begun_to_be_read() {
    let mut history = history(1, 9, &[]);
    assert!(!history.is_certain(&history.gaps()[0]));
    history.read(&seen(1, 0)).unwrap();
    let gap = &history.gaps()[0];
    let from = gap.certain_from().unwrap();
    assert!(from >= Timestamp::from_millis(0).plus(Duration::from_secs(24 * 3600)));
    // Both are long ago, and how much time has passed since then makes no difference.
    for (millis, is_certain) in [(-1, false), (0, true), (1, true)] {
        history.begun = Timestamp::from_millis(from.as_millis() + millis);
        assert_eq!(history.is_certain(gap), is_certain, "{millis}");
    }
}
