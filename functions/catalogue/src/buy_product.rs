use domain::{
    Order, PlaceOrder, PlaceOrderError, new_order::InvalidOrder, place_order::PurchaseBody,
};
use edge::{Problem, Request, Response, Slug, answered, body, idempotency_key, path_id};
use store::StoreError;

use crate::Purchases;

/// `POST /products/{product_id}/purchases`: buys one product: an order of one line.
///
/// 201 order, with its location · 404 product-not-found · 409 out-of-stock, price-changed ·
/// 422 invalid-quantity, invalid-order
pub async fn buy_product(
    shop: &Purchases,
    request: Request<PurchaseBody>,
) -> Result<Response<Order>, Problem> {
    let caller = shop.sessions.customer(&request)?;
    let key = idempotency_key(&request)?;
    let product = path_id(&request, "product_id");
    let order = PlaceOrder::purchase(&caller, &key, product, body(&request)?).map_err(refused)?;
    let location = format!("/orders/{}", order.id);
    let placed = shop.checkout.place(order).await;
    let answer = placed.map_err(|error| match error {
        StoreError::Refused(refusal) => refused(refusal),
        failed => failed.into(),
    })?;
    Ok(answered(answer).location(&location))
}

/// A purchase names its one product in the path and its quantity alone, so two refusals read differently here.
fn refused(refusal: PlaceOrderError) -> Problem {
    match refusal {
        PlaceOrderError::ProductUnavailable { .. } => Problem::new(Slug::ProductNotFound),
        PlaceOrderError::Invalid(InvalidOrder::Quantity { .. }) => {
            Problem::new(Slug::InvalidQuantity)
        }
        other => other.into(),
    }
}
