use domain::{Order, order::Shipment};
use edge::{Problem, Request, Response, body, ok};
use store::orders::advance::Change;

use crate::{
    Orders,
    advance::{advance, order_id},
};

/// `POST /orders/{order_id}/shipment`: hands an order to a carrier.
///
/// 200 order · 404 order-not-found · 409 invalid-transition, also for another carrier or number than the first
pub async fn ship_order(
    shop: &Orders,
    request: Request<Shipment>,
) -> Result<Response<Order>, Problem> {
    let caller = shop.sessions.staff(&request)?;
    let shipment = body(&request)?.validated()?;
    let ship = advance(Change::Ship(shipment), &caller);
    ok(&shop.orders.advance(&order_id(&request)?, &ship).await?)
}
