use domain::{ProductDraft, product::ProductBody};
use edge::{Problem, Request, Response, body, created, ok, path_id};
use store::catalogue::put::Put;

use crate::{Products, view::ProductView};

/// `PUT /products/{product_id}`: makes a product, or changes what it is and what it costs.
///
/// When a change was answered, nobody buys at the old offer any more.
///
/// 201 product, with its location · 200 product · 422 invalid-product
pub async fn put_product(
    shop: &Products,
    request: Request<ProductBody>,
) -> Result<Response<ProductView>, Problem> {
    let caller = shop.sessions.staff(&request)?;
    let draft = ProductDraft::parse(path_id(&request, "product_id"), body(&request)?)?;
    let location = format!("/products/{}", draft.id);
    let (put, product) = shop.catalogue.put(draft).await?;
    let view = ProductView::alone(product, Some(&caller));
    match put {
        Put::Created => Ok(created(&view)?.location(&location)),
        Put::Updated => ok(&view),
    }
}
