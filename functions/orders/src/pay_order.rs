use domain::text;
use edge::{Problem, Request, Response, answered, body, idempotency_key};
use serde::Deserialize;
use store::orders::pay::NewPayment;

use crate::{Payments, advance::order_id};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    payment_token: String,
}

/// `POST /orders/{order_id}/payment`: pays an order.
///
/// 200 order · 402 payment-declined · 404 order-not-found · 409 invalid-transition, payment-pending ·
/// 410 order-expired · 422 idempotency-key-reused
pub async fn pay_order(shop: &Payments, request: Request) -> Result<Response, Problem> {
    let caller = shop.sessions.customer(&request)?;
    let key = idempotency_key(&request)?;
    let body: Body = body(&request)?;
    let payment = NewPayment {
        order: order_id(&request)?,
        customer: caller.id,
        key,
        token: text::line("payment_token", body.payment_token, 255)?,
    };
    let answer = shop.orders.pay(&payment, shop.provider.as_ref()).await?;
    Ok(answered(answer))
}
