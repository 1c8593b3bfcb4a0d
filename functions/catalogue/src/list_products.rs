use domain::{Caller, ProductId, search::SearchWords, text::is_slug};
use edge::{CursorScope, Page, Problem, Query, Request, Response, Slug, ok};
use store::catalogue::list::ProductFilter;

use crate::{
    Lists,
    view::{ProductView, for_caches, is_staff},
};

/// `GET /products?category=&query=`: products in the order of their ids.
///
/// 200 list of products
pub async fn list_products(
    shop: &Lists,
    request: Request,
) -> Result<Response<Page<ProductView>>, Problem> {
    let caller = shop.sessions.optional(&request)?;
    let query = Query::of(&request);
    let limit = query.limit()?;
    let (scope, filter) = wanted(&query, caller.as_ref())?;
    let after: Option<ProductId> = shop.cursor_key.after(&scope, &query)?;
    let part = shop
        .catalogue
        .products(&filter, limit, after.as_ref())
        .await?;
    let items = part.items.into_iter();
    let items = items
        .map(|listed| ProductView::listed(listed, caller.as_ref()))
        .collect();
    let page = shop.cursor_key.page(&scope, items, part.next)?;
    Ok(for_caches(ok(&page)?, caller.as_ref()))
}

/// Which products the query asks for, and what its cursors belong to.
fn wanted(query: &Query, caller: Option<&Caller>) -> Result<(CursorScope, ProductFilter), Problem> {
    let (category, words) = (category(query)?, query.text("query")?);
    let scope = CursorScope::new("list-products", caller)
        .with("category", category)
        .with("query", words);
    let filter = ProductFilter {
        category: category.map(str::to_owned),
        words: SearchWords::parse(words.unwrap_or_default()),
        inactive: is_staff(caller),
    };
    Ok((scope, filter))
}

fn category(query: &Query) -> Result<Option<&str>, Problem> {
    match query.text("category")? {
        Some(category) if !is_slug(category) => Err(Problem::new(Slug::InvalidParameter)
            .detail("The parameter category must be 1 to 64 characters out of a-z, 0-9 and -.")),
        category => Ok(category),
    }
}
