//! Merging a guest's cart into an account's: one transaction over both, and the same again changes nothing.

use domain::{
    Cart, UserId,
    cart::{Adjusted, ShownCart},
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    CartClosed, Carts,
    item::{self, CartRecord, CartState},
    open, read,
};
use crate::{
    db::Applied,
    error::{Failure, StoreError},
    keys,
    retry::ATTEMPTS,
};

/// A cart after a merge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MergedCart {
    /// The customer's cart.
    #[serde(flatten)]
    pub cart: ShownCart,
    /// What of the guest's could not be kept.
    pub adjusted: Vec<Adjusted>,
}

/// Why carts were not merged. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// The guest's cart went into another account's, or its session has ended.
    #[error("the guest's cart is closed or went into another account's")]
    GuestEnded,
    /// The customer's cart is closed.
    #[error(transparent)]
    Closed(#[from] CartClosed),
}

impl Carts {
    /// Puts what is in a guest's cart into a customer's and ends the guest's. A guest's cart that went into this
    /// customer's before is answered as it was then, with the customer's cart of now.
    pub async fn merge(
        &self,
        guest: &UserId,
        customer: &UserId,
    ) -> Result<MergedCart, StoreError<MergeError>> {
        let both = [
            (self.table.as_str(), keys::cart(guest)),
            (self.table.as_str(), keys::cart(customer)),
        ];
        for _ in 0..ATTEMPTS {
            let mut found = self.db.get_all(&both).await?.into_iter();
            let guest_record = read(found.next().flatten())?;
            let customer_record = read(found.next().flatten())?;
            let cart = open(customer_record.clone());
            let cart = cart.map_err(|closed| StoreError::Refused(closed.into()))?;
            let nothing = Cart::default();
            let guest_cart = match &guest_record {
                None => &nothing,
                Some(CartRecord {
                    state: CartState::Open,
                    cart,
                    ..
                }) => cart,
                Some(CartRecord {
                    state: CartState::Merged { into, adjusted },
                    ..
                }) if into == customer => {
                    // Both were read one after the other: what was merged in between is in the cart by now.
                    let now = self.db.get_all(&both[1..]).await?.pop().flatten();
                    let cart = open(read(now)?);
                    let cart = cart.map_err(|closed| StoreError::Refused(closed.into()))?;
                    return Ok(merged(&cart, adjusted.clone()));
                }
                Some(_) => return Err(StoreError::Refused(MergeError::GuestEnded)),
            };
            let (mut after, adjusted) = cart.merged_with(guest_cart);
            let now = self.db.now();
            let ended = item::merged(guest, customer, &adjusted, now);
            let mut writes = vec![self.put_over(guest_record.as_ref(), ended)];
            if !guest_cart.lines.is_empty() {
                after.version += 1;
                let last_order = customer_record
                    .as_ref()
                    .and_then(|it| it.last_order.as_ref());
                let opened = item::open(customer, &after, last_order, now);
                writes.push(self.put_over(customer_record.as_ref(), opened));
            }
            if self.db.transact(&writes).await.applied()? {
                return Ok(merged(&after, adjusted));
            }
        }
        Err(Failure::kept_changing("the carts kept changing").into())
    }
}

fn merged(cart: &Cart, adjusted: Vec<Adjusted>) -> MergedCart {
    MergedCart {
        cart: cart.shown(),
        adjusted,
    }
}
