use domain::{
    Address, NewOrder, PlaceOrderError,
    money::MoneyBody,
    new_order::{InvalidOrder, ItemBody, PlaceOrderBody},
};
use edge::{
    Problem, Request, Response, ResponseExt, Slug, answered, body, idempotency_key, path_id,
};
use serde::Deserialize;
use store::StoreError;

use crate::Purchases;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    quantity: i64,
    unit_price: Option<MoneyBody>,
    shipping_address: Option<Address>,
}

/// `POST /products/{product_id}/purchases`: buys one product: an order of one line.
///
/// 201 order · 400 idempotency-key-missing · 404 product-not-found · 409 out-of-stock, price-changed ·
/// 422 invalid-quantity, invalid-order, idempotency-key-reused
pub async fn buy_product(shop: &Purchases, request: Request) -> Result<Response, Problem> {
    let caller = shop.sessions.customer(&request)?;
    let key = idempotency_key(&request)?;
    let Body {
        quantity,
        unit_price,
        shipping_address,
    } = body(&request)?;
    let item = ItemBody {
        product_id: path_id(&request, "product_id").to_owned(),
        quantity,
        unit_price,
    };
    let items = vec![item];
    let body = PlaceOrderBody {
        items,
        shipping_address,
    };
    let order = NewOrder::new(&caller, key, body)
        .map_err(refused)?
        .as_purchase();
    let location = format!("/orders/{}", order.id);
    let answer = shop
        .checkout
        .place(order)
        .await
        .map_err(|error| match error {
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
