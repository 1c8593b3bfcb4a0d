use edge::{Problem, Request, Response, ok};
use store::catalogue::ProductNotFound;

use crate::{
    Products,
    service::product_id,
    view::{ProductView, for_caches, is_staff},
};

/// `GET /products/{product_id}`: a product. Inactive ones are there for staff only.
///
/// 200 product · 404 product-not-found
pub async fn get_product(
    shop: &Products,
    request: Request,
) -> Result<Response<ProductView>, Problem> {
    let caller = shop.sessions.optional(&request)?;
    let found = shop
        .catalogue
        .product_lately(&product_id(&request)?)
        .await?;
    let product = found.filter(|product| product.active || is_staff(caller.as_ref()));
    let product = product.ok_or(ProductNotFound)?;
    let view = ProductView::alone(product, caller.as_ref());
    Ok(for_caches(ok(&view)?, caller.as_ref()))
}
