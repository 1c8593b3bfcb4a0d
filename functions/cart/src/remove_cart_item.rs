use domain::cart::ShownCart;
use edge::{Problem, Request, Response, ok};

use crate::{Carts, service::product_id};

/// `DELETE /cart/items/{product_id}`: takes a product out of the caller's cart. One that is not in it is out of it.
///
/// 200 cart
pub async fn remove_cart_item(
    shop: &Carts,
    request: Request,
) -> Result<Response<ShownCart>, Problem> {
    let caller = shop.sessions.shopper(&request)?;
    let cart = match product_id(&request) {
        Some(product) => shop.carts.remove_item(&caller.id, &product).await?,
        None => shop.carts.cart(&caller.id).await?,
    };
    ok(&cart.shown())
}
