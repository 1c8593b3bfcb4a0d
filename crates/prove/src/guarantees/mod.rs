//! All guarantees.

mod duplicates;
mod exactly_once;
mod hot_product;
mod last_piece;
mod late_landing;
mod never_oversold;
mod overload;

use crate::Guarantee;

/// Every guarantee, in the order in which they are proven.
pub const GUARANTEES: &[Guarantee] = &[
    last_piece::GUARANTEE,
    never_oversold::GUARANTEE,
    exactly_once::GUARANTEE,
    duplicates::GUARANTEE,
    late_landing::GUARANTEE,
    overload::GUARANTEE,
    hot_product::GUARANTEE,
];

/// The guarantee with this name.
pub fn named(name: &str) -> Option<&'static Guarantee> {
    GUARANTEES.iter().find(|guarantee| guarantee.name == name)
}
