use domain::{Adjustment, stock::AdjustmentBody};
use edge::{Problem, Request, Response, answered, body, idempotency_key};
use store::catalogue::adjust::NewAdjustment;

use crate::{Products, service::product_id};

/// `POST /products/{product_id}/stock-adjustments`: pieces come in or leave.
///
/// 201 adjustment · 404 product-not-found · 409 insufficient-stock
pub async fn adjust_stock(
    shop: &Products,
    request: Request<AdjustmentBody>,
) -> Result<Response<Adjustment>, Problem> {
    let caller = shop.sessions.staff(&request)?;
    let key = idempotency_key(&request)?;
    let body = body(&request)?;
    let adjustment = NewAdjustment {
        product_id: product_id(&request)?,
        caller,
        key,
        body: body.validated()?,
    };
    Ok(answered(shop.catalogue.adjust(adjustment).await?))
}
