//! Merging a guest's cart into an account's: one transaction over both, and the same again changes nothing.

use domain::{
    Cart, UserId,
    cart::{Adjusted, ShownCart},
};
use serde::Serialize;

use super::{
    CartClosed, Carts,
    item::{self, CartRecord, State},
    kept_changing, open, read,
};
use crate::{db::Applied, error::StoreError, keys, retry::ATTEMPTS, write::Write};

/// A cart after a merge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
            let theirs = read(found.next().flatten())?;
            let mine = read(found.next().flatten())?;
            let cart = open(mine.clone()).map_err(|closed| StoreError::Refused(closed.into()))?;
            let guest_cart = match theirs.as_ref().map(|theirs| &theirs.state) {
                None => Cart::default(),
                Some(State::Merged { into, adjusted }) if into == customer => {
                    return Ok(merged(&cart, adjusted.clone()));
                }
                Some(State::Merged { .. } | State::Closed | State::Placed) => {
                    return Err(StoreError::Refused(MergeError::GuestEnded));
                }
                Some(State::Open) => theirs
                    .as_ref()
                    .map(|it| it.cart.clone())
                    .unwrap_or_default(),
            };
            let (mut after, adjusted) = cart.merged_with(&guest_cart);
            let mut writes = vec![self.ending(guest, theirs.as_ref(), customer, &adjusted)];
            if !guest_cart.lines.is_empty() {
                after.version += 1;
                writes.push(self.replacing(customer, mine.as_ref(), &after));
            }
            if self.db.transact(&writes).await.applied()? {
                return Ok(merged(&after, adjusted));
            }
        }
        Err(kept_changing().into())
    }

    /// The write that ends a guest's cart, if it is as it was found.
    fn ending(
        &self,
        guest: &UserId,
        found: Option<&CartRecord>,
        customer: &UserId,
        adjusted: &[Adjusted],
    ) -> Write {
        let item = item::merged(guest, customer, adjusted, self.db.now());
        match found {
            None => Write::create(&self.table, item),
            Some(found) => found.unless_changed(Write::put(&self.table, item)),
        }
    }

    /// The write that makes a customer's cart be `after`, if it is as it was found.
    fn replacing(&self, customer: &UserId, found: Option<&CartRecord>, after: &Cart) -> Write {
        let last_order = found.and_then(|found| found.last_order.as_ref());
        let item = item::open(customer, after, last_order, self.db.now());
        match found {
            None => Write::create(&self.table, item),
            Some(found) => found.unless_changed(Write::put(&self.table, item)),
        }
    }
}

fn merged(cart: &Cart, adjusted: Vec<Adjusted>) -> MergedCart {
    MergedCart {
        cart: cart.shown(),
        adjusted,
    }
}
