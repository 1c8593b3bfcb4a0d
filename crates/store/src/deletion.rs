//! Deleting an account: the profile, its address, its cart and the right to order go at once; what follows for its
//! orders is written down in the same transaction and done after it, by this request or by the schedule.

use domain::{OrderId, Role, UserId};

use crate::{
    Carts, Checkout, Users,
    db::Applied,
    error::{Failure, StoreError},
    keys,
    retry::ATTEMPTS,
    write::{Is, Write},
};

/// Everything an account's deletion reaches.
pub struct Deletion {
    /// Its profile.
    pub users: Users,
    /// Its cart.
    pub carts: Carts,
    /// Its orders, and the stock they return.
    pub checkout: Checkout,
}

/// Why an account is not deleted. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeleteUserError {
    /// Orders of it are paid or on their way.
    #[error("some orders are paid or on their way; delete the account once they have arrived")]
    OpenOrders {
        /// Which.
        order_ids: Vec<OrderId>,
    },
    /// It became one of the staff's since the session began.
    #[error("staff accounts are not deleted this way")]
    Staff,
}

impl Deletion {
    /// Deletes a customer's account, or goes on with a deletion that was begun.
    pub async fn delete(&self, customer: &UserId) -> Result<(), StoreError<DeleteUserError>> {
        for _ in 0..ATTEMPTS {
            let Some(user) = self.users.profile(customer).await? else {
                // It was deleted before; whether all that follows was done, the record knows.
                return Ok(self.checkout.forget(customer).await?);
            };
            if user.role != Role::Customer {
                return Err(StoreError::Refused(DeleteUserError::Staff));
            }
            let (order_ids, unpaid) = self.checkout.orders.open_of(customer).await?;
            if !order_ids.is_empty() {
                return Err(StoreError::Refused(DeleteUserError::OpenOrders {
                    order_ids,
                }));
            }
            let table = &self.users.table;
            let now = self.users.now();
            let mut writes = vec![
                self.checkout.orders.deletion_of(customer, now),
                Write::delete(table, keys::user(customer))
                    .only_if("email", Is::Text(user.email.as_str().to_owned()))
                    .only_if("role", Is::Text(Role::Customer.as_str().into())),
                Write::delete(table, keys::email(&user.email))
                    .only_if("user", Is::Text(customer.to_string())),
                self.carts.closing(customer),
            ];
            // None of them is paid between that look and this moment; from here on `pay-order` sees the record.
            writes.extend(unpaid);
            if self.users.db.transact(&writes).await.applied()? {
                return Ok(self.checkout.forget(customer).await.map_err(begun)?);
            }
        }
        Err(Failure::kept_changing("the account kept changing").into())
    }
}

/// The account is gone already, so being too busy for its orders is not "nothing was changed".
fn begun(failure: Failure) -> Failure {
    match failure {
        Failure::Busy(source) => Failure::OutcomeUnknown(source),
        other => other,
    }
}
