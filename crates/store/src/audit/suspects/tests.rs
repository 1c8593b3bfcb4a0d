//! What clears a suspect, and what does not.

use domain::{Bucket, Cause, CauseKind, Movement, OrderId, OrderStatus, ProductId, Timestamp};

use super::*;
use crate::golden;

fn mug() -> BucketKey {
    (ProductId::parse("mug").unwrap(), 1)
}

/// The id of one of several orders, each of two mugs.
fn id(letter: char) -> OrderId {
    let text: String = std::iter::repeat_n(letter, 26).collect();
    OrderId::parse(&format!("ord_{text}")).unwrap()
}

/// A change of the bucket's level by this order, or by what has its id.
fn movement(kind: CauseKind, order: char, before: i64, after: i64) -> Movement {
    let cause = Cause {
        kind,
        id: id(order).to_string(),
        actor: "system".to_owned(),
    };
    Movement {
        product_id: mug().0,
        bucket: 1,
        at: Timestamp::from_millis(0),
        change: after - before,
        before,
        after,
        cause,
    }
}

/// Books of a bucket into which ten mugs came, with these taken at this version, these orders, and movements up to
/// where the stream has come.
fn books(
    (taken, version): (i64, u64),
    orders: &[(char, OrderStatus)],
    movements: &[Movement],
) -> Books {
    let mut books = Books::default();
    let bucket = Bucket {
        number: 1,
        available: 10 - taken,
        taken,
        received: 10,
        offer_version: 3,
        active: true,
        version,
    };
    books.buckets.insert(mug(), bucket);
    for (letter, status) in orders {
        let mut record = golden::order();
        record.order.id = id(*letter);
        record.order.status = *status;
        books.orders.insert(id(*letter), record);
    }
    let numbered = (1..).zip(movements.iter().cloned());
    books.movements.insert(mug(), numbered.collect());
    books
}

/// Books without buckets, of an order that had these statuses and of which these were told, by its versions.
fn told(had: &[(u64, OrderStatus)], told: &[(u64, OrderStatus)]) -> Books {
    let mut books = Books {
        has_bus: true,
        ..Books::default()
    };
    let mut record = golden::order();
    record.order.id = id('a');
    let placed = record.order.history[0].clone();
    record.order.history = had
        .iter()
        .map(|(_, status)| {
            let mut entry = placed.clone();
            entry.status = *status;
            entry
        })
        .collect();
    record.reached = had.iter().map(|(version, _)| *version).collect();
    books.orders.insert(id('a'), record);
    books.events.insert(id('a'), told.iter().copied().collect());
    books
}

/// What is wrong in these books by the rules of streams.
fn findings(books: &Books) -> BTreeSet<Finding> {
    let findings = stock::findings(books)
        .into_iter()
        .chain(events::findings(books));
    let rules = [stock::LEVEL, stock::TAKEN, events::TOLD];
    findings.filter(|it| rules.contains(&it.rule)).collect()
}

/// A first look that suspects just these rules, and what is left of them after each later look.
struct Looks(Suspects);

impl Looks {
    fn first(books: &Books, suspected: &[&str]) -> Self {
        let findings = findings(books);
        let rules: Vec<&str> = findings.iter().map(|it| it.rule).collect();
        assert_eq!(rules, suspected);
        Self(Suspects::of(&findings, books))
    }

    /// The rules that seem broken still, and whether another look may clear them.
    fn then(&mut self, books: &Books) -> (Vec<&'static str>, bool) {
        let left = self.0.confirmed(findings(books), books);
        let rules = left.iter().map(|it| it.rule).collect();
        (rules, self.0.may_be_cleared(AGAIN))
    }
}

/// What is left when all is cleared.
const CLEAR: (Vec<&str>, bool) = (Vec::new(), false);

#[test]
fn a_bucket_that_sells_at_every_look_is_right_as_it_was_first() {
    use CauseKind::{Adjustment, Expiry, Order};
    use OrderStatus::{Expired, Placed};
    let moved = [
        movement(Adjustment, 'z', 0, 10),
        movement(Order, 'a', 10, 8),
        movement(Order, 'b', 8, 6),
        movement(Expiry, 'a', 6, 8),
    ];
    // The bucket is read after the second change, the orders after the third, and the stream has come to the first.
    let first = books((2, 2), &[('a', Placed), ('b', Placed)], &moved[..1]);
    let mut looks = Looks::first(&first, &[stock::LEVEL, stock::TAKEN]);
    // The stream has come to the second change, which was missing, and lags as far behind as before.
    let orders = [('a', Expired), ('b', Placed), ('c', Placed)];
    let second = books((2, 4), &orders, &moved[..2]);
    assert_eq!(looks.then(&second), (vec![stock::TAKEN], true));
    // It has come to where the bucket was at the second look; another one took some meanwhile, and one more after that.
    let orders = [('a', Expired), ('b', Placed), ('c', Placed), ('d', Placed)];
    let third = books((4, 5), &orders, &moved);
    assert_eq!(looks.then(&third), CLEAR);
}

#[test]
fn a_bucket_to_which_pieces_return_at_every_look_is_right_as_it_was_first() {
    use CauseKind::{Adjustment, Cancellation, Expiry, Order};
    use OrderStatus::{Cancelled, Expired, Placed};
    let moved = [
        movement(Adjustment, 'z', 0, 10),
        movement(Order, 'a', 10, 8),
        movement(Order, 'b', 8, 6),
        movement(Expiry, 'a', 6, 8),
        movement(Cancellation, 'b', 8, 10),
    ];
    let first = books((4, 3), &[('a', Expired), ('b', Placed)], &moved[..2]);
    let mut looks = Looks::first(&first, &[stock::LEVEL, stock::TAKEN]);
    let second = books((2, 4), &[('a', Expired), ('b', Cancelled)], &moved[..3]);
    assert_eq!(looks.then(&second), (vec![stock::TAKEN], true));
    // By its levels the bucket is right, and the orders it is compared with are later still.
    let orders = [('a', Expired), ('b', Cancelled), ('c', Placed)];
    let third = books((0, 5), &orders, &moved);
    assert_eq!(looks.then(&third), CLEAR);
}

#[test]
fn a_bucket_that_is_wrong_is_known_to_be_however_much_it_sells() {
    use CauseKind::{Adjustment, Order};
    use OrderStatus::Placed;
    let moved = [
        movement(Adjustment, 'z', 0, 10),
        movement(Order, 'a', 10, 8),
        movement(Order, 'b', 8, 6),
        movement(Order, 'c', 6, 4),
    ];
    let both = [stock::LEVEL, stock::TAKEN];
    // Two pieces are taken that no order holds, and no movement tells of them. The orders are read after the fourth change.
    let orders = [('a', Placed), ('b', Placed), ('c', Placed)];
    let mut looks = Looks::first(&books((4, 2), &orders, &moved[..2]), &both);
    // Taken back by as much as the stream has told of, what the orders held looks like what the bucket says.
    let second = books((8, 4), &orders, &moved[..3]);
    assert_eq!(looks.then(&second), (both.to_vec(), true));
    let third = books((8, 4), &orders, &moved);
    assert_eq!(looks.then(&third), (both.to_vec(), false));
}

#[test]
fn a_bucket_is_wrong_that_an_order_makes_look_right_at_a_later_look() {
    use CauseKind::{Adjustment, Order};
    use OrderStatus::Placed;
    let moved = [
        movement(Adjustment, 'z', 0, 10),
        movement(Order, 'a', 10, 6),
        movement(Order, 'b', 6, 4),
    ];
    // Four are taken, of which an order holds two; the bucket's level is right.
    let of_both = [('a', Placed), ('b', Placed)];
    let first = books((4, 2), &of_both[..1], &moved[..2]);
    let found = findings(&first);
    let mut looks = Looks::first(&first, &[stock::TAKEN]);
    // The second order is placed after the bucket is read, and before the orders are: it has four, and four are held.
    let second = books((4, 2), &of_both, &moved[..2]);
    assert_eq!(findings(&second), BTreeSet::new());
    assert_eq!(looks.0.confirmed(BTreeSet::new(), &second), found);
    assert!(!looks.0.may_be_cleared(0));
    // What is known to be wrong stays so, by what was found first.
    assert_eq!(looks.0.confirmed(BTreeSet::new(), &second), found);

    // Where the stream has not come as far as the bucket was at the second look, nobody knows, and it is waited for.
    let mut looks = Looks::first(&first, &[stock::TAKEN]);
    let mut later = books((4, 3), &of_both, &moved[..2]);
    for _ in 0..9 {
        let left = looks.0.confirmed(BTreeSet::new(), &later);
        assert_eq!((left, looks.0.may_be_cleared(AGAIN)), (found.clone(), true));
    }
    later.movements = books((4, 3), &of_both, &moved).movements;
    assert_eq!(looks.then(&later), (vec![stock::TAKEN], false));
}

#[test]
fn a_movement_that_is_missing_before_a_later_one_is_not_late() {
    use CauseKind::{Adjustment, Order};
    use OrderStatus::Placed;
    let moved = [
        movement(Adjustment, 'z', 0, 10),
        movement(Order, 'a', 10, 8),
        movement(Order, 'b', 8, 6),
    ];
    let of_both = [('a', Placed), ('b', Placed)];
    let mut first = books((4, 3), &of_both, &moved);
    first.movements.get_mut(&mug()).unwrap().remove(&2);
    // In one look it may have been written after its key was read, and before the later one's was.
    let mut looks = Looks::first(&first, &[stock::LEVEL]);
    assert_eq!(looks.then(&first), (vec![stock::LEVEL], false));
    let whole = books((4, 3), &of_both, &moved);
    let mut looks = Looks::first(&first, &[stock::LEVEL]);
    assert_eq!(looks.then(&whole), CLEAR);
    // The last one may be late as long as anybody waits.
    let without_last = books((4, 3), &of_both, &moved[..2]);
    let mut looks = Looks::first(&without_last, &[stock::LEVEL]);
    for _ in 0..9 {
        assert_eq!(looks.then(&without_last), (vec![stock::LEVEL], true));
    }
}

#[test]
fn an_order_that_goes_on_at_every_look_was_told_of_as_it_was_first() {
    use OrderStatus::{Paid, Placed, Shipped};
    let had = [(1, Placed), (3, Paid), (4, Shipped)];
    let rule = [events::TOLD];
    let mut looks = Looks::first(&told(&had[..2], &had[..1]), &rule);
    let (paid, shipped) = (told(&had, &had[..1]), told(&had, &had[..2]));
    assert_eq!(looks.then(&paid), (rule.to_vec(), true));
    assert_eq!(looks.then(&shipped), CLEAR);
    // Told of after the order was read, and before the events were.
    let mut looks = Looks::first(&told(&had[..1], &had[..2]), &rule);
    assert_eq!(looks.then(&told(&had, &had[..2])), CLEAR);
}

#[test]
fn what_the_bus_was_not_told_of_before_it_was_of_more_and_what_never_was_are_not_late() {
    use OrderStatus::{Paid, Placed, Shipped};
    let had = [(1, Placed), (3, Paid), (4, Shipped)];
    let rule = [events::TOLD];
    for wrong in [
        told(&had, &had[1..]),
        told(&had[..1], &had),
        told(&had[..2], &[(1, Placed), (3, Shipped)]),
    ] {
        let mut looks = Looks::first(&wrong, &rule);
        assert_eq!(looks.then(&wrong), (rule.to_vec(), false));
    }
}
