//! What somebody wants to buy, and every reason why they may not.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    Address, Fingerprint, LineItem, Money, Offer, Order, OrderId, OrderStatus, ProductId,
    Timestamp, UserId,
    address::AddressError,
    money::PriceError,
    order::{HistoryEntry, Party, TIME_TO_PAY},
};

/// The most different products in an order.
pub const MAX_LINES: usize = 50;
/// The most pieces in a line.
pub const MAX_QUANTITY: u32 = 99;

/// A line somebody wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WantedLine {
    /// The product.
    pub product_id: ProductId,
    /// Pieces, 1 to 99.
    pub quantity: u32,
    /// The price the shopper was shown. Never taken as true, only compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<Money>,
}

/// An order somebody wants to place: valid in itself, not yet compared with what the shop offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// The id it will have.
    pub id: OrderId,
    /// Who wants it.
    pub customer: UserId,
    /// What, one line a product.
    pub lines: Vec<WantedLine>,
    /// The version of the customer's cart that it empties, if it is an order of a cart.
    pub cart_version: Option<u64>,
    /// Where to.
    pub shipping_address: Option<Address>,
    /// By which a repeat is known.
    pub fingerprint: Fingerprint,
}

/// Why an order can't be, whatever the shop has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOrder {
    /// Neither items nor a cart, or both.
    #[error("exactly one of the members items and cart_version must be there")]
    ItemsOrCart,
    /// No items.
    #[error("the member items must hold at least one item")]
    NoItems,
    /// Over [`MAX_LINES`].
    #[error("the member items must hold at most 50 different products")]
    TooManyProducts,
    /// Not between 1 and [`MAX_QUANTITY`].
    #[error(
        "the member quantity of {product_id} must be between 1 and 99, its lines added together"
    )]
    Quantity {
        /// The product.
        product_id: ProductId,
    },
    /// One product, two prices.
    #[error("the member unit_price of {product_id} must be the same in all its lines")]
    TwoQuotes {
        /// The product.
        product_id: ProductId,
    },
    /// The quote is no price.
    #[error("in the member unit_price of {product_id}, {reason}")]
    Quote {
        /// The product.
        product_id: ProductId,
        /// What is wrong with it.
        reason: PriceError,
    },
    /// The address breaks a rule.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// Products in several currencies.
    #[error(
        "the products must be priced in one currency: order those in different currencies apart"
    )]
    MixedCurrencies,
    /// The sum can't be written.
    #[error("the total is too large: order less at once")]
    TotalTooLarge,
}

/// A product of which there is too little.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Shortage {
    /// The product.
    pub product_id: ProductId,
    /// Pieces wanted.
    pub requested: u32,
    /// Pieces there are.
    pub available: i64,
}

/// A product whose price is not what the shopper was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PriceChange {
    /// The product.
    pub product_id: ProductId,
    /// What the shopper was shown.
    pub quoted: Money,
    /// What it costs now.
    pub current: Money,
}

/// Why an order was not placed. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceOrderError {
    /// The key was used for another order.
    #[error("the Idempotency-Key was used for another request; use a new key for a new order")]
    KeyReused,
    /// The order can't be.
    #[error(transparent)]
    Invalid(#[from] InvalidOrder),
    /// Whoever orders has deleted their account.
    #[error("the account is deleted")]
    AccountDeleted,
    /// There is nothing in the cart.
    #[error("the cart is empty; put something into it first")]
    EmptyCart,
    /// The cart is not what the shopper saw.
    #[error("the cart is not the one you saw; look at it again")]
    CartChanged {
        /// The order that was placed from the cart the shopper saw, if one was.
        order_id: Option<OrderId>,
        /// The cart's version now.
        cart_version: u64,
    },
    /// Products that don't exist or are not sold.
    #[error("some products are unknown or not for sale")]
    ProductUnavailable {
        /// Which.
        product_ids: Vec<String>,
    },
    /// Prices differ from what the shopper was shown.
    #[error("some prices have changed; order again with the new ones to accept them")]
    PriceChanged {
        /// Every difference.
        items: Vec<PriceChange>,
    },
    /// There is too little, proven.
    #[error("there is not enough of some products")]
    OutOfStock {
        /// Every product that falls short.
        items: Vec<Shortage>,
    },
}

impl NewOrder {
    /// The products of its lines.
    pub fn products(&self) -> impl Iterator<Item = &ProductId> + Clone {
        self.lines.iter().map(|line| &line.product_id)
    }

    /// The order this becomes at `now` at these offers, if each line can be had at the price its shopper saw.
    pub fn at(
        &self,
        offers: &BTreeMap<ProductId, Offer>,
        now: Timestamp,
    ) -> Result<Order, PlaceOrderError> {
        let mut missing = Vec::new();
        let mut changed = Vec::new();
        let mut items = Vec::with_capacity(self.lines.len());
        for line in &self.lines {
            let Some(offer) = offers.get(&line.product_id).filter(|offer| offer.active) else {
                missing.push(line.product_id.to_string());
                continue;
            };
            if let Some(quoted) = line.quote.filter(|quoted| *quoted != offer.price) {
                changed.push(PriceChange {
                    product_id: line.product_id.clone(),
                    quoted,
                    current: offer.price,
                });
            }
            items.push(LineItem {
                product_id: line.product_id.clone(),
                title: offer.title.clone(),
                quantity: line.quantity,
                unit_price: offer.price,
                line_total: offer
                    .price
                    .times(line.quantity)
                    .ok_or(InvalidOrder::TotalTooLarge)?,
            });
        }
        if !missing.is_empty() {
            return Err(PlaceOrderError::ProductUnavailable {
                product_ids: missing,
            });
        }
        if !changed.is_empty() {
            return Err(PlaceOrderError::PriceChanged { items: changed });
        }
        Ok(Order {
            id: self.id.clone(),
            status: OrderStatus::Placed,
            total: total(&items)?,
            items,
            shipping_address: self.shipping_address.clone(),
            created_at: now,
            expires_at: now.plus(TIME_TO_PAY),
            version: 1,
            history: vec![HistoryEntry {
                status: OrderStatus::Placed,
                at: now.to_second(),
                by: Party::Customer,
            }],
            payment: None,
            shipment: None,
        })
    }
}

fn total(items: &[LineItem]) -> Result<Money, InvalidOrder> {
    let mut lines = items.iter().map(|item| item.line_total);
    let first = lines.next().ok_or(InvalidOrder::NoItems)?;
    lines.try_fold(first, |sum, line| {
        if sum.currency != line.currency {
            return Err(InvalidOrder::MixedCurrencies);
        }
        sum.plus(line).ok_or(InvalidOrder::TotalTooLarge)
    })
}
