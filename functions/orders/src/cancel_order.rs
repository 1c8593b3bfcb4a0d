use domain::Order;
use edge::{Problem, Request, Response, ok};
use store::orders::advance::Change;

use crate::{
    Checkouts,
    advance::{advance, order_id},
};

/// `POST /orders/{order_id}/cancellation`: calls an order off, for its owner and for staff.
///
/// Its stock returns at once; what was paid is owed back from the same moment and given back by `settle-orders`.
///
/// 200 order · 404 order-not-found · 409 invalid-transition
pub async fn cancel_order(shop: &Checkouts, request: Request) -> Result<Response<Order>, Problem> {
    let caller = shop.sessions.account(&request)?;
    let cancel = advance(Change::Cancel, &caller);
    let id = order_id(&request)?;
    ok(&shop.checkout.advance_returning_stock(&id, &cancel).await?)
}
