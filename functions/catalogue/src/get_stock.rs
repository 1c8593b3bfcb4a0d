use domain::stock::Stock;
use edge::{Problem, Request, Response, ok};
use store::catalogue::ProductNotFound;

use crate::{Products, service::product_id};

/// `GET /products/{product_id}/stock`: how many pieces there are, exactly, bucket by bucket.
///
/// 200 stock · 404 product-not-found
pub async fn get_stock(shop: &Products, request: Request) -> Result<Response<Stock>, Problem> {
    shop.sessions.staff(&request)?;
    let stock = shop.catalogue.stock(&product_id(&request)?).await?;
    let (_, stock) = stock.ok_or(ProductNotFound)?;
    ok(&stock)
}
