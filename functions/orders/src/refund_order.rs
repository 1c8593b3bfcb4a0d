use domain::{Order, order::Refund};
use edge::{Problem, Request, Response, body, ok};
use store::orders::advance::Change;

use crate::{
    Checkouts,
    advance::{advance, order_id},
};

/// `POST /orders/{order_id}/refund`: pays an order back, and puts its pieces back on sale if they are fit for it.
///
/// The money is owed from this moment and given back by `settle-orders`.
///
/// 200 order · 404 order-not-found · 409 invalid-transition, also for another body than the first
pub async fn refund_order(
    shop: &Checkouts,
    request: Request<Refund>,
) -> Result<Response<Order>, Problem> {
    let caller = shop.sessions.staff(&request)?;
    let refund = body(&request)?.validated()?;
    let refund = advance(Change::Refund(refund), &caller);
    let id = order_id(&request)?;
    ok(&shop.checkout.advance_returning_stock(&id, &refund).await?)
}
