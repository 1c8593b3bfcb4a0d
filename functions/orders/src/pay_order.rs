use domain::{Order, Secret, text};
use edge::{Problem, Request, Response, answered, body, idempotency_key, source_ip};
use schemars::JsonSchema;
use serde::Deserialize;
use store::orders::pay::NewPayment;

use crate::{Payments, advance::order_id};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    #[schemars(length(min = 1, max = 255), regex(pattern = text::LINE))]
    payment_token: Secret<String>,
}

/// `POST /orders/{order_id}/payment`: pays an order.
///
/// 200 order · 402 payment-declined · 404 order-not-found · 409 invalid-transition, payment-pending ·
/// 410 order-expired · 429 too-many-attempts
pub async fn pay_order(
    shop: &Payments,
    request: Request<Body>,
) -> Result<Response<Order>, Problem> {
    let caller = shop.sessions.customer(&request)?;
    let key = idempotency_key(&request)?;
    let body = body(&request)?;
    let token = body.payment_token.expose().clone();
    let payment = NewPayment {
        order: order_id(&request)?,
        payers: shop
            .limits
            .declined(caller.id.as_str(), source_ip(&request)),
        customer: caller.id,
        key,
        token: Secret::new(text::line("payment_token", token, 255)?),
    };
    let answer = shop.orders.pay(&payment, shop.provider.as_ref()).await?;
    Ok(answered(answer))
}
