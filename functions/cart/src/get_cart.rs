use domain::cart::ShownCart;
use edge::{Problem, Request, Response, ok};

use crate::Carts;

/// `GET /cart`: what is in the caller's cart, at the prices they saw.
///
/// 200 cart
pub async fn get_cart(shop: &Carts, request: Request) -> Result<Response<ShownCart>, Problem> {
    let caller = shop.sessions.shopper(&request)?;
    ok(&shop.carts.cart(&caller.id).await?.shown())
}
