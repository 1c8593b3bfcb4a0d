//! What somebody means to buy, and at which offer they saw it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    LineItem, Money, Offer, ProductId, Timestamp,
    new_order::{MAX_LINES, MAX_QUANTITY},
};

/// The body of `put-cart-item`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the contract's names
pub struct CartItemBody {
    #[schemars(range(min = 1, max = MAX_QUANTITY))]
    pub quantity: i64,
}

/// Not between 1 and [`MAX_QUANTITY`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the member quantity must be between 1 and 99")]
pub struct InvalidQuantity;

impl CartItemBody {
    /// The pieces it asks for.
    pub fn pieces(&self) -> Result<u32, InvalidQuantity> {
        match u32::try_from(self.quantity) {
            Ok(pieces @ 1..=MAX_QUANTITY) => Ok(pieces),
            _ => Err(InvalidQuantity),
        }
    }
}

/// Pieces of a product, at the offer at which they were put into the cart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CartLine {
    /// The offer that the shopper saw. Its price is their quote.
    pub offer: Offer,
    /// Pieces, 1 to 99.
    pub quantity: u32,
    /// When the product first came into the cart, in milliseconds: lines are shown in this order.
    pub added_at: Timestamp,
}

/// A cart that is open.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Cart {
    /// Raised by every change; 0 before the first.
    pub version: u64,
    /// One line a product, in the order in which they came.
    pub lines: Vec<CartLine>,
}

/// A cart as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Cart")]
pub struct ShownCart {
    /// Its lines, at the prices the shopper saw.
    pub items: Vec<LineItem>,
    /// Their sum; null for an empty cart and for one in several currencies.
    pub total: Option<Money>,
    /// What `place-order` wants as `cart_version`.
    pub version: u64,
}

/// A line that merging could not take over whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Adjusted {
    /// The product.
    pub product_id: ProductId,
    /// Pieces in both carts together.
    pub wanted: u32,
    /// Pieces in the merged cart.
    pub kept: u32,
    /// Why.
    pub reason: AdjustedReason,
}

/// Why merging did not keep all pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AdjustedReason {
    /// A line has at most 99 pieces.
    MaxQuantity,
    /// A cart has at most 50 products.
    CartFull,
}

impl Cart {
    /// The cart's lines in the order in which they came.
    pub fn of(version: u64, mut lines: Vec<CartLine>) -> Self {
        lines.sort_by(|a, b| {
            (a.added_at, &a.offer.product_id).cmp(&(b.added_at, &b.offer.product_id))
        });
        Self { version, lines }
    }

    /// The line of this product.
    pub fn line(&self, product: &ProductId) -> Option<&CartLine> {
        self.lines
            .iter()
            .find(|line| line.offer.product_id == *product)
    }

    /// This cart with a guest's lines: quantities of one product are added up, at the newer of the two offers that the
    /// shopper saw. And what did not fit.
    pub fn merged_with(&self, guest: &Self) -> (Self, Vec<Adjusted>) {
        let mut lines = self.lines.clone();
        let mut adjusted = Vec::new();
        for theirs in &guest.lines {
            let product_id = &theirs.offer.product_id;
            let has_room = lines.len() < MAX_LINES;
            let ours = lines
                .iter_mut()
                .find(|line| line.offer.product_id == *product_id);
            let (wanted, kept, reason) = match ours {
                Some(line) => {
                    if theirs.offer.version > line.offer.version {
                        line.offer = theirs.offer.clone();
                    }
                    let wanted = line.quantity + theirs.quantity;
                    line.quantity = wanted.min(MAX_QUANTITY);
                    (wanted, line.quantity, AdjustedReason::MaxQuantity)
                }
                None if has_room => {
                    lines.push(theirs.clone());
                    continue;
                }
                None => (theirs.quantity, 0, AdjustedReason::CartFull),
            };
            if kept < wanted {
                adjusted.push(Adjusted {
                    product_id: product_id.clone(),
                    wanted,
                    kept,
                    reason,
                });
            }
        }
        (Self::of(self.version, lines), adjusted)
    }

    /// The cart as its owner sees it.
    pub fn shown(&self) -> ShownCart {
        let item = |line: &CartLine| LineItem {
            product_id: line.offer.product_id.clone(),
            title: line.offer.title.clone(),
            quantity: line.quantity,
            unit_price: line.offer.price,
            // A price is at most 10^11 and a quantity 99, so this can't overflow.
            line_total: Money {
                amount: line
                    .offer
                    .price
                    .amount
                    .saturating_mul(i64::from(line.quantity)),
                ..line.offer.price
            },
        };
        let items: Vec<LineItem> = self.lines.iter().map(item).collect();
        let mut totals = items.iter().map(|item| item.line_total);
        let total = totals
            .next()
            .and_then(|first| totals.try_fold(first, Money::plus));
        ShownCart {
            items,
            total,
            version: self.version,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Currency;

    fn line(id: &str, quantity: u32, version: u64) -> CartLine {
        CartLine {
            offer: Offer {
                product_id: ProductId::parse(id).unwrap(),
                title: format!("The {id}"),
                price: Money {
                    amount: 100 * i64::try_from(version).unwrap(),
                    currency: Currency::parse("USD").unwrap(),
                },
                active: true,
                version,
                buckets: 1,
                buckets_ever: 1,
            },
            quantity,
            added_at: Timestamp::from_millis(0),
        }
    }

    fn ids(cart: &Cart) -> Vec<String> {
        let ids = cart
            .lines
            .iter()
            .map(|line| format!("{} {}", line.quantity, line.offer.product_id));
        ids.collect()
    }

    #[test]
    fn quantities_of_one_product_are_added_up_to_ninety_nine() {
        let mine = Cart::of(3, vec![line("mug", 60, 1), line("pen", 1, 2)]);
        let guest = Cart::of(
            9,
            vec![line("mug", 40, 2), line("pen", 2, 1), line("cup", 5, 1)],
        );
        let (merged, adjusted) = mine.merged_with(&guest);
        assert_eq!(ids(&merged), ["5 cup", "99 mug", "3 pen"]);
        assert_eq!(merged.version, 3);
        // The newer offer of the two stands, so that nobody is quoted what they saw longer ago.
        assert_eq!(merged.lines[1].offer.version, 2);
        assert_eq!(merged.lines[2].offer.version, 2);
        let mug = Adjusted {
            product_id: ProductId::parse("mug").unwrap(),
            wanted: 100,
            kept: 99,
            reason: AdjustedReason::MaxQuantity,
        };
        assert_eq!(adjusted, [mug]);
    }

    #[test]
    fn a_merged_cart_has_fifty_products_at_most() {
        let of = |prefix: &str, count: usize| {
            Cart::of(
                1,
                (0..count)
                    .map(|n| line(&format!("{prefix}-{n}"), 1, 1))
                    .collect(),
            )
        };
        let (merged, adjusted) = of("mine", 49).merged_with(&of("theirs", 3));
        assert_eq!(merged.lines.len(), MAX_LINES);
        assert_eq!(adjusted.len(), 2);
        assert!(
            adjusted
                .iter()
                .all(|line| line.kept == 0 && line.reason == AdjustedReason::CartFull)
        );
        // What is in both carts needs no room.
        let (merged, adjusted) = of("a", 50).merged_with(&of("a", 50));
        assert_eq!((merged.lines.len(), adjusted.len()), (50, 0));
        assert!(merged.lines.iter().all(|line| line.quantity == 2));
    }

    #[test]
    fn a_total_has_one_currency_or_is_none() {
        let mut cart = Cart::of(1, vec![line("mug", 2, 3), line("pen", 1, 1)]);
        assert_eq!(cart.shown().total.unwrap().amount, 700);
        cart.lines[0].offer.price.currency = Currency::parse("EUR").unwrap();
        assert_eq!(cart.shown().total, None);
        assert_eq!(Cart::default().shown().total, None);
    }

    #[test]
    fn a_product_has_one_line() {
        let cart = Cart::of(1, vec![line("mug", 2, 3), line("pen", 1, 1)]);
        let pen = ProductId::parse("pen").unwrap();
        assert_eq!(cart.line(&pen).map(|line| line.quantity), Some(1));
        assert_eq!(cart.line(&ProductId::parse("cup").unwrap()), None);
    }

    #[test]
    fn lines_stay_where_they_came() {
        let mut late = line("a", 1, 1);
        late.added_at = Timestamp::from_millis(5);
        let cart = Cart::of(1, vec![late, line("z", 1, 1)]);
        assert_eq!(ids(&cart), ["1 z", "1 a"]);
    }

    #[test]
    fn a_line_has_one_to_ninety_nine_pieces() {
        let pieces = |quantity| CartItemBody { quantity }.pieces();
        assert_eq!((pieces(1), pieces(99)), (Ok(1), Ok(99)));
        for quantity in [0, 100, -1, i64::MIN, i64::MAX] {
            assert_eq!(pieces(quantity), Err(InvalidQuantity), "{quantity}");
        }
    }
}
