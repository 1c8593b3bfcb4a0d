//! Rules of carts: a placed cart and its last order agree.

use std::collections::BTreeMap;

use domain::ProductId;

use super::{Finding, books::Books, finding};
use crate::{
    carts::item::{CartRecord, CartState},
    orders::OrderRecord,
};

pub(super) fn findings(books: &Books) -> Vec<Finding> {
    let mut findings = Vec::new();
    for cart in books.carts.values() {
        let name = format!("CART#{}", cart.subject);
        let placed = cart.state == CartState::Placed;
        let there = cart.cart.lines.len() as u64;
        if matches!(cart.state, CartState::Open | CartState::Placed) && cart.count != there {
            let detail = format!("{there} lines, {} counted", cart.count);
            findings.push(finding(&name, "a cart counts its lines", detail));
        }
        let Some(last) = &cart.last_order else {
            if placed {
                findings.push(finding(&name, "a placed cart has an order", "it has none"));
            }
            continue;
        };
        let Some(record) = books.orders.get(&last.id) else {
            let detail = format!("{} is not there", last.id);
            findings.push(finding(&name, "a cart's last order is there", detail));
            continue;
        };
        if record.customer != cart.subject {
            let detail = format!("{} is {}'s", last.id, record.customer);
            findings.push(finding(&name, "a cart's last order is its owner's", detail));
        }
        let ordered: BTreeMap<&ProductId, u32> = record
            .order
            .items
            .iter()
            .map(|item| (&item.product_id, item.quantity))
            .collect();
        if placed && (ordered != lines(cart) || cart.cart.version != last.version) {
            let detail = format!("{} and the cart's lines differ", last.id);
            findings.push(finding(
                &name,
                "a placed cart holds what was ordered",
                detail,
            ));
        }
    }
    findings.extend(
        books
            .orders
            .values()
            .filter_map(|record| left_over(books, record)),
    );
    findings
}

/// What an order of a cart took is in the cart no more.
fn left_over(books: &Books, record: &OrderRecord) -> Option<Finding> {
    let version = record.cart_version?;
    let cart = books.carts.get(&record.customer)?;
    let emptied = match cart.state {
        CartState::Placed => cart.cart.version >= version,
        CartState::Open => cart.cart.version > version,
        CartState::Merged { .. } | CartState::Closed => true,
    };
    (!emptied).then(|| {
        let detail = format!("{} ordered version {version}", record.order.id);
        let name = format!("CART#{}", cart.subject);
        finding(name, "what was ordered is in the cart no more", detail)
    })
}

fn lines(cart: &CartRecord) -> BTreeMap<&ProductId, u32> {
    let lines = cart.cart.lines.iter();
    lines
        .map(|line| (&line.offer.product_id, line.quantity))
        .collect()
}
