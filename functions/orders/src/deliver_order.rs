use domain::Order;
use edge::{Problem, Request, Response, ok};
use store::orders::advance::Change;

use crate::{
    Orders,
    advance::{advance, order_id},
};

/// `POST /orders/{order_id}/delivery`: notes that an order arrived.
///
/// 200 order · 404 order-not-found · 409 invalid-transition
pub async fn deliver_order(shop: &Orders, request: Request) -> Result<Response<Order>, Problem> {
    let caller = shop.sessions.staff(&request)?;
    let deliver = advance(Change::Deliver, &caller);
    ok(&shop.orders.advance(&order_id(&request)?, &deliver).await?)
}
