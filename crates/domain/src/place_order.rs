//! What clients send to order something, read into an order that is valid in itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Address, Caller, Cart, Fingerprint, IdempotencyKey, NewOrder, OrderId, PlaceOrderError,
    ProductId, UserId,
    cart::CartLine,
    money::MoneyBody,
    new_order::{InvalidOrder, MAX_LINES, MAX_QUANTITY, WantedLine},
};

/// The body of `place-order`: either items, or a cart by its version.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the contract's names
pub struct PlaceOrderBody {
    #[schemars(length(min = 1))]
    pub items: Option<Vec<ItemBody>>,
    pub cart_version: Option<u64>,
    pub shipping_address: Option<Address>,
}

/// One of the items of `place-order`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object with product_id and quantity"
)]
#[allow(missing_docs)] // the contract's names
pub struct ItemBody {
    pub product_id: String,
    #[schemars(range(min = 1, max = MAX_QUANTITY))]
    pub quantity: i64,
    pub unit_price: Option<MoneyBody>,
}

/// The body of `buy-product`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)] // the contract's names
pub struct PurchaseBody {
    #[schemars(range(min = 1, max = MAX_QUANTITY))]
    pub quantity: i64,
    pub unit_price: Option<MoneyBody>,
    pub shipping_address: Option<Address>,
}

/// A request to place an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaceOrder {
    /// Of these items.
    Items(NewOrder),
    /// Of everything in the caller's cart.
    Cart(CartOrder),
}

/// An order of a cart, before anybody has looked what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CartOrder {
    /// The id it will have.
    pub id: OrderId,
    /// Whose cart.
    pub customer: UserId,
    /// The version that the shopper saw.
    pub cart_version: u64,
    /// Where to.
    pub shipping_address: Option<Address>,
    /// By which a repeat is known.
    pub fingerprint: Fingerprint,
}

impl PlaceOrder {
    /// The order that the body of `place-order` describes.
    pub fn new(
        caller: &Caller,
        key: &IdempotencyKey,
        body: PlaceOrderBody,
    ) -> Result<Self, PlaceOrderError> {
        let (id, customer) = (OrderId::of(&caller.id, key), caller.id.clone());
        match (body.items, body.cart_version) {
            (Some(items), None) => {
                let lines = lines(items)?;
                let shipping_address = address(body.shipping_address)?;
                let mut sorted: Vec<&WantedLine> = lines.iter().collect();
                sorted.sort_by_key(|line| &line.product_id);
                let fingerprint = Fingerprint::of("place-order", &[], &(sorted, &shipping_address));
                Ok(Self::Items(NewOrder {
                    id,
                    customer,
                    lines,
                    cart_version: None,
                    shipping_address,
                    fingerprint,
                }))
            }
            (None, Some(cart_version)) => {
                #[derive(Serialize)]
                struct Canonical<'a> {
                    cart_version: u64,
                    shipping_address: &'a Option<Address>,
                }
                let shipping_address = address(body.shipping_address)?;
                let canonical = Canonical {
                    cart_version,
                    shipping_address: &shipping_address,
                };
                Ok(Self::Cart(CartOrder {
                    id,
                    customer,
                    cart_version,
                    fingerprint: Fingerprint::of("place-order", &[], &canonical),
                    shipping_address,
                }))
            }
            _ => Err(InvalidOrder::ItemsOrCart.into()),
        }
    }

    /// The order of one product that the body of `buy-product` describes. It has a fingerprint of its own, so that no
    /// `place-order` is taken for a repeat of it.
    pub fn purchase(
        caller: &Caller,
        key: &IdempotencyKey,
        product_id: &str,
        body: PurchaseBody,
    ) -> Result<NewOrder, PlaceOrderError> {
        let item = ItemBody {
            product_id: product_id.to_owned(),
            quantity: body.quantity,
            unit_price: body.unit_price,
        };
        let lines = lines(vec![item])?;
        let shipping_address = address(body.shipping_address)?;
        Ok(NewOrder {
            id: OrderId::of(&caller.id, key),
            customer: caller.id.clone(),
            cart_version: None,
            fingerprint: Fingerprint::of("buy-product", &[], &(&lines, &shipping_address)),
            lines,
            shipping_address,
        })
    }

    /// The id the order will have.
    pub fn id(&self) -> &OrderId {
        match self {
            Self::Items(order) => &order.id,
            Self::Cart(order) => &order.id,
        }
    }
}

impl CartOrder {
    /// The order of what is in `cart`, each line at the price that the shopper saw there.
    pub fn of(self, cart: &Cart) -> NewOrder {
        let line = |line: &CartLine| WantedLine {
            product_id: line.offer.product_id.clone(),
            quantity: line.quantity,
            quote: Some(line.offer.price),
        };
        NewOrder {
            id: self.id,
            customer: self.customer,
            lines: cart.lines.iter().map(line).collect(),
            cart_version: Some(self.cart_version),
            shipping_address: self.shipping_address,
            fingerprint: self.fingerprint,
        }
    }
}

fn address(address: Option<Address>) -> Result<Option<Address>, InvalidOrder> {
    Ok(address.map(Address::validated).transpose()?)
}

/// One line a product, in the order in which the products were first named.
fn lines(items: Vec<ItemBody>) -> Result<Vec<WantedLine>, PlaceOrderError> {
    if items.is_empty() {
        return Err(InvalidOrder::NoItems.into());
    }
    // An id that can't be one names no product, today or ever: there is nothing to look up.
    let impossible: Vec<String> = items
        .iter()
        .map(|item| &item.product_id)
        .filter(|id| ProductId::parse(id).is_none())
        .cloned()
        .collect();
    if !impossible.is_empty() {
        return Err(PlaceOrderError::ProductUnavailable {
            product_ids: impossible,
        });
    }
    let mut lines: Vec<WantedLine> = Vec::new();
    for item in items {
        let Some(product_id) = ProductId::parse(&item.product_id) else {
            continue;
        };
        let quantity = match u32::try_from(item.quantity) {
            Ok(quantity @ 1..=MAX_QUANTITY) => quantity,
            _ => return Err(InvalidOrder::Quantity { product_id }.into()),
        };
        let quote = match item.unit_price.as_ref().map(MoneyBody::price) {
            None => None,
            Some(Ok(price)) => Some(price),
            Some(Err(reason)) => return Err(InvalidOrder::Quote { product_id, reason }.into()),
        };
        match lines.iter_mut().find(|line| line.product_id == product_id) {
            None => lines.push(WantedLine {
                product_id,
                quantity,
                quote,
            }),
            Some(line) => {
                line.quantity += quantity;
                if line.quantity > MAX_QUANTITY {
                    return Err(InvalidOrder::Quantity { product_id }.into());
                }
                if line.quote.is_some() && quote.is_some() && line.quote != quote {
                    return Err(InvalidOrder::TwoQuotes { product_id }.into());
                }
                line.quote = line.quote.or(quote);
            }
        }
    }
    if lines.len() > MAX_LINES {
        return Err(InvalidOrder::TooManyProducts.into());
    }
    Ok(lines)
}

#[cfg(test)]
#[path = "place_order_tests.rs"]
mod tests;
