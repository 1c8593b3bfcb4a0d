use domain::Order;
use edge::{Problem, Request, Response, ok};
use store::orders::OrderNotFound;

use crate::{
    Orders,
    advance::{actor, order_id},
};

/// `GET /orders/{order_id}`: an order, for its owner and for staff.
///
/// 200 order · 404 order-not-found, also when it is somebody else's
pub async fn get_order(shop: &Orders, request: Request) -> Result<Response<Order>, Problem> {
    let caller = shop.sessions.account(&request)?;
    let found = shop.orders.find(&order_id(&request)?).await?;
    let record = found.filter(|record| actor(&caller).may_see(record));
    let record = record.ok_or(OrderNotFound)?;
    ok(&record.shown_at(shop.orders.now()))
}
