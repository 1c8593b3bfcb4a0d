//! Carts: two tabs, a late network and a guest's cart, and no line is lost, doubled or ordered twice.

mod merging;
mod tabs;

use std::{collections::BTreeMap, time::Duration};

use adversary::Faults;
use simulation::{Person, Reply, Shop, ask};
use tokio::time::sleep;

use crate::{Guarantee, Proof, Run, Violation, ensure};

pub(super) const GUARANTEE: Guarantee = Guarantee {
    name: "cart",
    claim: "Two tabs with two keys make one order of a cart, and the loser is told which; what is put, removed and merged \
            at once is neither lost nor done twice; what is added during checkout is in the order or in the cart and \
            not in both; and nothing that arrives late undoes a later change.",
    fast: 200,
    full: 10_000,
    run,
};

/// What is sold here.
const PRODUCTS: [&str; 4] = ["a", "b", "c", "d"];

/// How many pieces of each product.
type Pieces = BTreeMap<String, u64>;

fn run(run: &Run) -> Proof {
    run.in_a_shop(async |shop| {
        for product in PRODUCTS {
            shop.stock(product, 1000, 1).await;
        }
        match run.case(&[0, 1, 2, 3, 4]) {
            0 => tabs::two_keys(shop).await,
            1 => tabs::all_at_once(shop).await,
            2 => tabs::one_after_another(shop).await,
            3 => merging::from_two_tabs(shop).await,
            _ => merging::while_ordering(shop).await,
        }
    })
}

/// All faults, and more than usual of those by which a request arrives when nobody waits for it any more.
fn faults() -> Faults {
    Faults {
        lost_reply: 0.06,
        duplicate: 0.2,
        late: 0.05,
        ..Faults::all()
    }
}

/// Everything goes wrong from now on.
fn storm(shop: &Shop) {
    shop.set_faults(faults());
    shop.set_mortality(0.03);
}

/// What is in the cart once nothing goes wrong any more and everything late has arrived.
async fn at_last(shop: &Shop, who: &Person) -> Result<Pieces, Violation> {
    shop.set_faults(Faults::none());
    shop.set_mortality(0.0);
    sleep(Duration::from_secs(10)).await;
    let cart = shop.ask(&ask::cart(who)).await;
    ensure!(cart.status == 200, "the cart can't be seen: {}", cart.text);
    Ok(cart.pieces())
}

fn pieces(lines: &[(&str, u64)]) -> Pieces {
    let lines = lines.iter();
    lines
        .map(|(product, quantity)| ((*product).to_owned(), *quantity))
        .collect()
}

/// Of those who ordered the same version of a cart, the one whose order it became. Everybody else must have been told
/// of that order.
fn winner<'a>(shop: &Shop, ordered: &'a [Reply]) -> Result<Option<&'a Reply>, Violation> {
    let mut placed = ordered.iter().filter(|reply| reply.status == 201);
    let winner = placed.next();
    ensure!(
        placed.next().is_none(),
        "one cart became two orders: {ordered:?}"
    );
    let orders = shop.checked(|checker| checker.orders().len());
    ensure!(
        orders == usize::from(winner.is_some()),
        "there are {orders} orders, and clients were told {ordered:?}"
    );
    let order = winner.map_or_else(Default::default, |order| order.json()["id"].clone());
    for loser in ordered.iter().filter(|reply| reply.status != 201) {
        ensure!(
            loser.problem() == "cart-changed" && loser.json()["order_id"] == order,
            "the order is {order}, and another tab was told {}",
            loser.text
        );
    }
    Ok(winner)
}
