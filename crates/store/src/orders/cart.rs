//! Placing an order of everything in a cart. The cart holds the offers its shopper saw, so that nothing else need be
//! read: the buckets' conditions prove them.

use domain::{Cart, PlaceOrderError, place_order::CartOrder};

use super::{
    Checkout,
    memory::Recalled,
    place::{Placing, replay},
    record::OrderRecord,
    sight::{Look, Looking, Sight},
};
use crate::{
    Carts,
    answer::Answer,
    carts::{
        self,
        item::{CartRecord, CartState},
    },
    keys,
};

impl Checkout {
    /// Places the order of a cart, or answers as it was answered the first time.
    pub async fn place_cart(&self, carts: &Carts, order: CartOrder) -> Placing<Answer> {
        let now = self.db().now();
        let orders = self.orders.table.as_str();
        let wanted = [
            (orders, keys::order(&order.id)),
            (orders, keys::deleted(&order.customer)),
            (carts.table.as_str(), keys::cart(&order.customer)),
        ];
        let mut found = self.db().get_all(&wanted).await?.into_iter();
        if let Some(item) = found.next().flatten() {
            return replay(&OrderRecord::read(&item)?, &order.fingerprint);
        }
        let cart = match found.next().flatten() {
            Some(_) => Err(PlaceOrderError::AccountDeleted),
            None => ordered(carts::read(found.next().flatten())?, order.cart_version),
        };
        let cart = match cart {
            Ok(cart) => cart,
            Err(refusal) => {
                return self
                    .refuse_unless_placed(&order.id, &order.fingerprint, refusal)
                    .await;
            }
        };
        let new = order.of(&cart);
        let looking = Looking {
            shop: self,
            carts: Some(carts),
            new: &new,
        };
        let look = match self.memory.recall(new.products()) {
            Recalled::SoldOut(offers) => looking.closely(&offers).await?,
            _ => Look::Open(Sight::of(offers(&cart))),
        };
        self.place_seen(looking, look, now).await
    }
}

/// The cart that was found, if it is there to be ordered at this version.
pub(super) fn ordered(found: Option<CartRecord>, version: u64) -> Result<Cart, PlaceOrderError> {
    let Some(found) = found else {
        return Err(PlaceOrderError::EmptyCart);
    };
    let last_order = found.last_order.filter(|order| order.version == version);
    match found.state {
        CartState::Merged { .. } | CartState::Closed => Err(PlaceOrderError::AccountDeleted),
        CartState::Open if found.cart.version == version && found.cart.lines.is_empty() => {
            Err(PlaceOrderError::EmptyCart)
        }
        CartState::Open if found.cart.version == version => Ok(found.cart),
        CartState::Open | CartState::Placed => Err(PlaceOrderError::CartChanged {
            order_id: last_order.map(|order| order.id),
            cart_version: found.cart.version,
        }),
    }
}

fn offers(cart: &Cart) -> std::collections::BTreeMap<domain::ProductId, domain::Offer> {
    let offers = cart.lines.iter().map(|line| line.offer.clone());
    offers
        .map(|offer| (offer.product_id.clone(), offer))
        .collect()
}
