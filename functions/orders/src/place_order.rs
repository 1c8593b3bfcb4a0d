use domain::NewOrder;
use edge::{Problem, Request, Response, ResponseExt, answered, body, idempotency_key};

use crate::Checkouts;

/// `POST /orders`: places an order for the given products.
///
/// 201 order · 400 idempotency-key-missing · 409 out-of-stock, price-changed, product-unavailable · 422 invalid-order,
/// idempotency-key-reused
pub async fn place_order(shop: &Checkouts, request: Request) -> Result<Response, Problem> {
    let caller = shop.sessions.customer(&request)?;
    let order = NewOrder::new(&caller, idempotency_key(&request)?, body(&request)?)?;
    let location = format!("/orders/{}", order.id);
    let answer = shop.checkout.place(order).await?; // answers a repeat from its record before anything may refuse it
    Ok(answered(answer).location(&location))
}
