//! A guest's cart goes into an account's.

use std::rc::Rc;

use domain::Role;
use simulation::{Person, Reply, Shop, ask};

use super::{Pieces, at_last, pieces, storm, winner};
use crate::{Proof, Tally, Violation, common::closes, ensure};

/// The most pieces of a line.
const MOST: u64 = 99;

/// A guest with a cart.
async fn guest(shop: &Shop) -> Person {
    let guest = shop.person(Role::Guest, 2);
    for (product, quantity) in [("b", 3), ("c", 2)] {
        shop.must(&ask::put_item(&guest, product, quantity)).await;
    }
    guest
}

/// Two tabs merge one guest's cart, which the guest still fills; so does the tab of somebody else. Then it is merged again.
pub(super) async fn from_two_tabs(shop: Rc<Shop>) -> Proof {
    let (ann, bob) = (shop.customer(1), shop.customer(3));
    let guest = guest(&shop).await;
    let token = shop.token(&guest);
    let mut mine = Pieces::new();
    if shop.world().below(2) == 0 {
        // With the guest's this is sometimes more than a line may have.
        let quantity = shop.world().pick(&[1, 98]);
        shop.must(&ask::put_item(&ann, "b", quantity)).await;
        mine.insert("b".to_owned(), u64::from(quantity));
    }
    storm(&shop);
    let bob_too = shop.world().below(2) == 0;
    let mut requests = vec![
        ask::merge(&ann, &token),
        ask::merge(&ann, &token),
        ask::put_item(&ann, "d", 1),
        ask::put_item(&guest, "a", 2),
    ];
    requests.extend(bob_too.then(|| ask::merge(&bob, &token)));
    let replies = shop.ask_at_once(requests).await;
    mine.insert("d".to_owned(), 1);
    ensure!(
        replies[2].status == 200,
        "a put was answered {}",
        replies[2].text
    );
    let anns = replies[0].status == 200;
    let (bobs, refused) = (
        replies.get(4).is_some_and(Reply::is_success),
        "invalid-guest-token",
    );
    for (reply, merged) in [(&replies[0], anns), (&replies[1], anns)]
        .into_iter()
        .chain(replies.get(4).map(|reply| (reply, bobs)))
    {
        ensure!(
            merged && reply.status == 200 || !merged && reply.problem() == refused,
            "merging was answered {}",
            reply.text
        );
    }
    ensure!(anns != bobs, "one guest's cart went to {anns} and {bobs}");
    let (one, other) = (replies[0].json(), replies[1].json());
    ensure!(
        one["adjusted"] == other["adjusted"],
        "of one merge two tabs were told {one} and {other}"
    );
    let mut theirs = pieces(&[("b", 3), ("c", 2)]);
    let put = &replies[3];
    ensure!(
        put.status == 200 || put.status == 401,
        "the guest was answered {}",
        put.text
    );
    let (anns_cart, bobs_cart) = (at_last(&shop, &ann).await?, at_last(&shop, &bob).await?);
    let merged = if anns { &anns_cart } else { &bobs_cart };
    // A guest who is refused learns that the session is over. The put may have been done before, unanswered, and merged.
    if put.status == 200 || merged.contains_key("a") {
        theirs.insert("a".to_owned(), 2);
    }
    let (anns_due, bobs_due) = if anns {
        (sum(&mine, &theirs), Pieces::new())
    } else {
        (mine, theirs)
    };
    ensure!(
        (&anns_due, &bobs_due) == (&anns_cart, &bobs_cart),
        "{anns_due:?} and {bobs_due:?} should be in the carts, which hold {anns_cart:?} and {bobs_cart:?}"
    );
    let whose = if anns { &ann } else { &bob };
    is_over(&shop, whose, &guest, &token).await?;
    closes(&shop).await?;
    Ok(Tally::new()
        .with("carts merged", 1)
        .with("pieces that did not fit", adjusted(&one)))
}

/// A guest's cart is merged while the customer's own is ordered.
pub(super) async fn while_ordering(shop: Rc<Shop>) -> Proof {
    let ann = shop.customer(1);
    let guest = guest(&shop).await;
    let token = shop.token(&guest);
    shop.must(&ask::put_item(&ann, "a", 1)).await;
    let seen = shop.must(&ask::put_item(&ann, "b", 1)).await;
    let was = pieces(&[("a", 1), ("b", 1)]);
    storm(&shop);
    let requests = vec![
        ask::place_cart(&ann, "tab-1", &seen["version"]),
        ask::place_cart(&ann, "tab-2", &seen["version"]),
        ask::merge(&ann, &token),
        ask::merge(&ann, &token),
    ];
    let replies = shop.ask_at_once(requests).await;
    let (ordered, merged) = replies.split_at(2);
    let winner = winner(&shop, ordered)?;
    for reply in merged {
        ensure!(
            reply.status == 200,
            "merging was answered {}: {}",
            reply.status,
            reply.text
        );
    }
    let theirs = pieces(&[("b", 3), ("c", 2)]);
    let expected = match winner {
        Some(order) => {
            ensure!(
                order.pieces() == was,
                "{was:?} was ordered, and the order is {}",
                order.text
            );
            theirs
        }
        None => sum(&was, &theirs),
    };
    let left = at_last(&shop, &ann).await?;
    ensure!(
        left == expected,
        "{expected:?} should be left in the cart, and {left:?} is"
    );
    is_over(&shop, &ann, &guest, &token).await?;
    closes(&shop).await?;
    let won = u64::from(winner.is_some());
    Ok(Tally::new()
        .with("carts merged", 1)
        .with("ordered before a merge", won)
        .with("merged before an order", 1 - won))
}

/// Merged once more, nothing changes; and the guest's session is over.
async fn is_over(
    shop: &Shop,
    whose: &Person,
    guest: &Person,
    token: &str,
) -> Result<(), Violation> {
    let before = shop.ask(&ask::cart(whose)).await;
    let again = shop.ask(&ask::merge(whose, token)).await;
    let after = shop.ask(&ask::cart(whose)).await;
    ensure!(
        again.status == 200 && before.text == after.text,
        "merging again made {} of {}: {}",
        after.text,
        before.text,
        again.text
    );
    for request in [ask::cart(guest), ask::put_item(guest, "d", 1)] {
        let reply = shop.ask(&request).await;
        ensure!(
            reply.status == 401,
            "{request} by a guest whose cart was merged: {}",
            reply.text
        );
    }
    Ok(())
}

fn sum(one: &Pieces, other: &Pieces) -> Pieces {
    let mut sum = one.clone();
    for (product, more) in other {
        let pieces = sum.entry(product.clone()).or_default();
        *pieces = (*pieces + more).min(MOST);
    }
    sum
}

/// How many pieces a merge could not take over.
fn adjusted(merged: &serde_json::Value) -> u64 {
    let lines = merged["adjusted"].as_array().into_iter().flatten();
    let missing = lines.map(|line| {
        let number = |name: &str| line[name].as_u64().unwrap_or_default();
        number("wanted").saturating_sub(number("kept"))
    });
    missing.sum()
}
