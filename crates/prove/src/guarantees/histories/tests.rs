use domain::OrderStatus::{self, Cancelled, Expired, Paid, Placed, Refunded, Shipped};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester};

use super::life::{Deed, Life, Op, Shown, Told};

/// Something that was done, all before the next begins.
enum Did {
    /// And this was told.
    Told(Deed, Told),
    /// And nothing was heard.
    Unheard(Deed),
}

use Did::Unheard;

fn shows(deed: Deed, history: &[OrderStatus], version: u64) -> Did {
    let status = history.last().copied().unwrap();
    shows_as(deed, status, history, version)
}

fn shows_as(deed: Deed, status: OrderStatus, history: &[OrderStatus], version: u64) -> Did {
    let history = history.to_vec();
    let shown = Shown {
        status,
        history,
        version,
    };
    Did::Told(deed, Told::Order(shown))
}

fn is_explained(history: &[Did]) -> bool {
    is_explained_at(history, true, false)
}

fn is_explained_at(history: &[Did], in_time: bool, too_late: bool) -> bool {
    let mut tester = LinearizabilityTester::new(Life::default());
    for (thread, did) in history.iter().enumerate() {
        let (Did::Told(deed, _) | Unheard(deed)) = did;
        let op = Op {
            deed: *deed,
            in_time,
            too_late,
            another_pays: false,
        };
        tester.on_invoke(thread, op).unwrap();
        if let Did::Told(_, told) = did {
            tester.on_return(thread, told.clone()).unwrap();
        }
    }
    tester.is_consistent()
}

const PAY: Deed = Deed::Pay("one", "tok_ok");

#[test]
fn a_life_explains_itself() {
    let paid = [Placed, Paid];
    let shipped = [Placed, Paid, Shipped];
    assert!(is_explained(&[
        shows(PAY, &paid, 3),
        shows(PAY, &paid, 3),
        shows(Deed::Ship("Ox"), &shipped, 4),
        Did::Told(Deed::Ship("Yak"), Told::Refused(Shipped)),
        Did::Told(Deed::Cancel, Told::Refused(Shipped)),
        // What was answered first is answered again; the same means under another key finds what is.
        shows(PAY, &paid, 3),
        shows(Deed::Pay("two", "tok_ok"), &shipped, 4),
        shows(Deed::Refund(true), &[Placed, Paid, Shipped, Refunded], 5),
        Did::Told(Deed::Refund(false), Told::Refused(Refunded)),
    ]));
}

#[test]
fn what_nobody_heard_of_happened_or_not() {
    let seen = |status: &[OrderStatus], version| shows(Deed::Look, status, version);
    assert!(is_explained(&[Unheard(PAY), seen(&[Placed], 1)]));
    assert!(is_explained(&[Unheard(PAY), seen(&[Placed, Paid], 3)]));
    let late = [Unheard(PAY), seen(&[Placed], 1), seen(&[Placed, Paid], 3)];
    assert!(is_explained(&late), "it may land after a look");
    let undone = [Unheard(PAY), seen(&[Placed, Paid], 3), seen(&[Placed], 3)];
    assert!(!is_explained(&undone), "but it stays done");
    assert!(
        !is_explained(&[seen(&[Placed, Paid], 3), Unheard(PAY)]),
        "and not before it began"
    );
}

#[test]
fn what_no_order_of_things_explains_is_found() {
    let look = |history: &[OrderStatus], version| shows(Deed::Look, history, version);
    for (what, history) in [
        (
            "paid and then not",
            vec![shows(PAY, &[Placed, Paid], 3), look(&[Placed], 1)],
        ),
        (
            "a version of the past",
            vec![look(&[Placed], 2), look(&[Placed], 1)],
        ),
        ("paid by nobody", vec![look(&[Placed, Paid], 3)]),
        (
            "a refund of what was never paid",
            vec![shows(Deed::Refund(true), &[Placed, Refunded], 2)],
        ),
        (
            "paid twice",
            vec![
                shows(PAY, &[Placed, Paid], 3),
                shows(Deed::Pay("two", "tok_timeout"), &[Placed, Paid], 5),
            ],
        ),
        (
            "shipped and cancelled",
            vec![
                shows(PAY, &[Placed, Paid], 3),
                shows(Deed::Ship("Ox"), &[Placed, Paid, Shipped], 4),
                shows(Deed::Cancel, &[Placed, Paid, Shipped, Cancelled], 5),
            ],
        ),
        (
            "another carrier",
            vec![
                shows(PAY, &[Placed, Paid], 3),
                shows(Deed::Ship("Ox"), &[Placed, Paid, Shipped], 4),
                shows(Deed::Ship("Yak"), &[Placed, Paid, Shipped], 4),
            ],
        ),
        (
            "a pending payment that nobody makes",
            vec![Did::Told(PAY, Told::Pending)],
        ),
        ("too late in time", vec![Did::Told(PAY, Told::Expired)]),
        (
            "expired in time",
            vec![shows_as(Deed::Look, Expired, &[Placed], 1)],
        ),
    ] {
        assert!(!is_explained(&history), "{what}");
    }
}

#[test]
fn near_the_end_clocks_may_differ_and_after_it_not() {
    let both = [
        shows_as(Deed::Look, Expired, &[Placed], 1),
        shows(Deed::Look, &[Placed], 1),
        shows(PAY, &[Placed, Paid], 3),
    ];
    assert!(is_explained_at(&both, true, true));
    assert!(!is_explained_at(&both[1..2], false, true));
    assert!(!is_explained_at(&both[2..], false, true));
}
