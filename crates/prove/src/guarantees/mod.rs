//! All guarantees.

mod cancellations;
mod cart;
mod crash_anywhere;
mod duplicates;
mod events;
mod exactly_once;
mod histories;
mod hot_product;
mod last_piece;
mod late_landing;
mod money;
mod never_oversold;
mod offers;
mod overload;
mod pay_or_expire;
mod transitions;

use crate::Guarantee;

/// Every guarantee, in the order in which they are proven.
pub const GUARANTEES: &[Guarantee] = &[
    last_piece::GUARANTEE,
    never_oversold::GUARANTEE,
    exactly_once::GUARANTEE,
    duplicates::GUARANTEE,
    late_landing::GUARANTEE,
    crash_anywhere::GUARANTEE,
    cancellations::GUARANTEE,
    overload::GUARANTEE,
    hot_product::GUARANTEE,
    offers::GUARANTEE,
    transitions::GUARANTEE,
    pay_or_expire::GUARANTEE,
    histories::GUARANTEE,
    money::GUARANTEE,
    cart::GUARANTEE,
    events::GUARANTEE,
];

/// The guarantee with this name.
pub fn named(name: &str) -> Option<&'static Guarantee> {
    GUARANTEES.iter().find(|guarantee| guarantee.name == name)
}
