use domain::{Order, PlaceOrder, place_order::PlaceOrderBody};
use edge::{Problem, Request, Response, answered, body, idempotency_key};

use crate::OrderPlacing;

/// `POST /orders`: places an order for the given products, or for everything in the caller's cart.
///
/// 201 order, with its location · 409 out-of-stock, price-changed, cart-changed, product-unavailable ·
/// 422 empty-cart, invalid-order
pub async fn place_order(
    shop: &OrderPlacing,
    request: Request<PlaceOrderBody>,
) -> Result<Response<Order>, Problem> {
    let caller = shop.sessions.customer(&request)?;
    let order = PlaceOrder::new(&caller, &idempotency_key(&request)?, body(&request)?)?;
    let location = format!("/orders/{}", order.id());
    // Either answers a repeat from its record before anything may refuse it.
    let answer = match order {
        PlaceOrder::Items(order) => shop.checkout.place(order).await?,
        PlaceOrder::Cart(order) => shop.checkout.place_cart(&shop.carts, order).await?,
    };
    Ok(answered(answer).location(&location))
}
