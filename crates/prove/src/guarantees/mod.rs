//! All guarantees.

mod last_piece;

use crate::Guarantee;

/// Every guarantee, in the order in which they are proven.
pub const GUARANTEES: &[Guarantee] = &[last_piece::GUARANTEE];

/// The guarantee with this name.
pub fn named(name: &str) -> Option<&'static Guarantee> {
    GUARANTEES.iter().find(|guarantee| guarantee.name == name)
}
