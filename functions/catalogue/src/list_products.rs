use domain::{ProductId, search::SearchWords, text::is_slug};
use edge::{CursorScope, Problem, Query, Request, Response, ResponseExt, Slug, ok};
use serde::Serialize;
use store::catalogue::list::ProductFilter;

use crate::{
    Lists,
    view::{ProductView, is_staff},
};

#[derive(Serialize)]
struct Body {
    items: Vec<ProductView>,
    next_cursor: Option<String>,
}

/// `GET /products?category=&query=`: products in the order of their ids.
///
/// 200 list of products · 400 invalid-parameter, invalid-cursor
pub async fn list_products(shop: &Lists, request: Request) -> Result<Response, Problem> {
    let caller = shop.sessions.optional(&request)?;
    let query = Query::of(&request);
    let limit = query.limit()? as usize;
    let (category, words) = (category(&query)?, query.text("query")?);
    let scope = CursorScope::new("list-products", caller.as_ref())
        .with("category", category)
        .with("query", words);
    let after: Option<ProductId> = query
        .cursor()?
        .map(|cursor| shop.cursor_key.open(&scope, cursor))
        .transpose()?;
    let filter = ProductFilter {
        category: category.map(str::to_owned),
        words: SearchWords::parse(words.unwrap_or_default()),
        inactive: is_staff(caller.as_ref()),
    };
    let part = shop
        .catalogue
        .products(&filter, limit, after.as_ref())
        .await?;
    let view = |listed: store::catalogue::product::Listed| {
        ProductView::listed(listed.product, listed.in_stock, caller.as_ref())
    };
    let answer = ok(&Body {
        items: part.items.into_iter().map(view).collect(),
        next_cursor: part
            .next
            .map(|next| shop.cursor_key.seal(&scope, &next))
            .transpose()?,
    })?;
    Ok(if caller.is_none() {
        answer.public_for(5)
    } else {
        answer
    })
}

fn category(query: &Query) -> Result<Option<&str>, Problem> {
    match query.text("category")? {
        Some(category) if !is_slug(category) => Err(Problem::new(Slug::InvalidParameter)
            .detail("The parameter category must be 1 to 64 characters out of a-z, 0-9 and -.")),
        category => Ok(category),
    }
}
