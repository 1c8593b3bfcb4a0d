use domain::cart::{CartItemBody, ShownCart};
use edge::{Problem, Request, Response, body, ok};
use store::carts::PutItemError;

use crate::{CartItems, service::product_id};

/// `PUT /cart/items/{product_id}`: puts pieces of a product into the caller's cart, in place of those that are in it, at
/// the product's present price.
///
/// 200 cart · 404 product-not-found · 422 invalid-quantity, cart-full
pub async fn put_cart_item(
    shop: &CartItems,
    request: Request<CartItemBody>,
) -> Result<Response<ShownCart>, Problem> {
    let caller = shop.sessions.shopper(&request)?;
    let quantity = body(&request)?.pieces()?;
    let product = product_id(&request).ok_or(PutItemError::ProductNotFound)?;
    let put = shop
        .carts
        .put_item(&shop.catalogue, &caller.id, &product, quantity);
    ok(&put.await?.shown())
}
