use domain::Movement;
use edge::{CursorScope, Problem, Query, Request, Response, Slug, ok};
use serde::Serialize;

use crate::{Lists, service::product_id};

#[derive(Serialize)]
struct Body {
    items: Vec<Movement>,
    next_cursor: Option<String>,
}

/// `GET /products/{product_id}/stock-movements`: every change of a product's stock and its cause, bucket by bucket,
/// the newest of each first.
///
/// 200 list of movements · 400 invalid-parameter, invalid-cursor · 404 product-not-found
pub async fn list_stock_movements(shop: &Lists, request: Request) -> Result<Response, Problem> {
    let caller = shop.sessions.staff(&request)?;
    let id = product_id(&request)?;
    let query = Query::of(&request);
    let limit = query.limit()? as usize;
    let scope = CursorScope::new("list-stock-movements", Some(&caller))
        .with("product_id", Some(id.as_str()));
    let after = query
        .cursor()?
        .map(|cursor| shop.cursor_key.open(&scope, cursor))
        .transpose()?;
    let product = shop.catalogue.product_lately(&id).await?;
    product.ok_or_else(|| Problem::new(Slug::ProductNotFound))?;
    let part = shop.catalogue.movements(&id, limit, after).await?;
    ok(&Body {
        items: part.items,
        next_cursor: part
            .next
            .map(|next| shop.cursor_key.seal(&scope, &next))
            .transpose()?,
    })
}
