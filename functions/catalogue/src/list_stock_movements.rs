use domain::Movement;
use edge::{CursorScope, Page, Problem, Query, Request, Response, ok};
use store::catalogue::ProductNotFound;

use crate::{Lists, service::product_id};

/// `GET /products/{product_id}/stock-movements`: every change of a product's stock and its cause, bucket by bucket,
/// the newest of each first.
///
/// 200 list of movements · 404 product-not-found
pub async fn list_stock_movements(
    shop: &Lists,
    request: Request,
) -> Result<Response<Page<Movement>>, Problem> {
    let caller = shop.sessions.staff(&request)?;
    let id = product_id(&request)?;
    let query = Query::of(&request);
    let limit = query.limit()?;
    let scope = CursorScope::new("list-stock-movements", Some(&caller))
        .with("product_id", Some(id.as_str()));
    let after = shop.cursor_key.after(&scope, &query)?;
    let product = shop.catalogue.product_lately(&id).await?;
    product.ok_or(ProductNotFound)?;
    let part = shop.catalogue.movements(&id, limit, after).await?;
    ok(&shop.cursor_key.page(&scope, part.items, part.next)?)
}
