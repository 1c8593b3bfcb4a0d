//! The fast number of runs of every guarantee. `cargo shop prove --full` makes many more.

#![allow(clippy::unwrap_used, missing_docs)]

use prove::{GUARANTEES, named, runner};

/// Makes the fast runs of a guarantee, and prints what came of them.
fn holds(name: &str) {
    let guarantee = named(name).unwrap();
    let outcome = runner::many(guarantee, guarantee.fast, 1, &|_, _| {});
    println!("{outcome}");
    assert!(outcome.holds(), "{}\n{outcome}", guarantee.claim);
    assert_eq!(outcome.untried(), Vec::<&str>::new(), "{outcome}");
}

macro_rules! guarantees {
    ($($test:ident: $name:literal,)*) => {
        $(
            #[test]
            fn $test() {
                holds($name);
            }
        )*

        #[test]
        fn every_guarantee_is_tested() {
            let tested = [$($name),*];
            let all: Vec<&str> = GUARANTEES.iter().map(|it| it.name).collect();
            assert_eq!(tested.as_slice(), all);
        }
    };
}

guarantees! {
    the_last_piece_is_sold_once_and_nobody_is_told_so_before: "last-piece",
    stock_adds_up_after_every_single_write: "never-oversold",
    what_was_done_is_answered_again_and_not_done_again: "exactly-once",
    a_request_delivered_five_times_has_one_effect_and_one_answer: "duplicates",
    what_lands_late_undoes_nothing_and_makes_no_liar_of_anybody: "late-landing",
    whatever_dies_it_was_done_once_or_not_at_all: "crash-anywhere",
    every_mixture_of_reasons_is_understood_as_the_table_says: "cancellations",
    ten_times_too_much_leaves_most_of_the_goodput: "overload",
    a_hot_product_sells_a_thousand_a_second_down_to_its_last_piece: "hot-product",
    nobody_buys_at_an_old_offer_once_its_change_was_answered: "offers",
    in_every_state_pieces_and_money_add_up_and_all_comes_to_an_end: "transitions",
    of_a_payment_and_an_expiry_at_once_one_wins: "pay-or-expire",
    every_order_has_a_history_that_one_thing_after_another_explains: "histories",
    an_order_is_charged_once_and_given_back_unless_it_stays_paid: "money",
    no_line_of_a_cart_is_lost_or_ordered_twice: "cart",
    every_event_is_told_once_and_a_poisoned_one_holds_up_nothing: "events",
}

/// Of most guarantees a few runs, which go through all of their cases, those first that notice most. Those of
/// `hot-product` and `transitions` take too long.
const FIRST: [(&str, u64); 14] = [
    ("cancellations", 37),
    ("exactly-once", 64),
    ("duplicates", 35),
    ("late-landing", 54),
    ("cart", 20),
    ("money", 80),
    ("never-oversold", 2),
    ("offers", 3),
    ("pay-or-expire", 10),
    ("events", 4),
    ("histories", 5),
    ("last-piece", 30),
    ("overload", 3),
    ("crash-anywhere", 528),
];

#[test]
#[ignore = "the other tests make these runs, and more; it is for mutation testing, which makes them hundreds of times"]
fn the_first_runs_hold() {
    for (name, runs) in FIRST {
        let outcome = runner::many(named(name).unwrap(), runs, 2, &|_, _| {});
        assert!(outcome.holds(), "{outcome}");
    }
}

#[test]
fn every_guarantee_is_stated_in_the_docs() {
    let page = include_str!("../../../docs/guarantees.md");
    for guarantee in GUARANTEES {
        let name = format!("| `{}` |", guarantee.name);
        let row = page.lines().find(|line| line.starts_with(&name));
        let row = row.unwrap_or_else(|| panic!("{} has no row", guarantee.name));
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        for (cell, runs) in cells[2..].iter().zip([guarantee.fast, guarantee.full]) {
            let number = cell.split_whitespace().next().unwrap_or_default();
            let number = number.replace(',', "").parse::<u64>();
            assert_eq!(number, Ok(runs), "{row}");
        }
    }
}
