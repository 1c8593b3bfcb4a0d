use edge::{Problem, Request, Response, ResponseExt, Slug, ok};

use crate::{
    Products,
    service::product_id,
    view::{ProductView, is_staff},
};

/// `GET /products/{product_id}`: a product. Inactive ones are there for staff only.
///
/// 200 product · 404 product-not-found
pub async fn get_product(shop: &Products, request: Request) -> Result<Response, Problem> {
    let caller = shop.sessions.optional(&request)?;
    let found = shop
        .catalogue
        .product_lately(&product_id(&request)?)
        .await?;
    let product = found.filter(|product| product.active || is_staff(caller.as_ref()));
    let product = product.ok_or_else(|| Problem::new(Slug::ProductNotFound))?;
    let answer = ok(&ProductView::alone(product, caller.as_ref()))?;
    Ok(if caller.is_none() {
        answer.public_for(5)
    } else {
        answer
    })
}
