use domain::Secret;
use edge::{Problem, Request, Response, body, ok};
use schemars::JsonSchema;
use serde::Deserialize;
use store::carts::merge::{MergeError, MergedCart};

use crate::Carts;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    guest_token: Secret<String>,
}

/// `POST /cart/merge`: puts what is in a guest's cart into the caller's, and ends the guest's session.
///
/// 200 cart, with what could not be kept as `adjusted` · 422 invalid-guest-token
pub async fn merge_cart(
    shop: &Carts,
    request: Request<Body>,
) -> Result<Response<MergedCart>, Problem> {
    let caller = shop.sessions.customer(&request)?;
    let body = body(&request)?;
    let guest = shop.sessions.guest(body.guest_token.expose());
    let guest = guest.ok_or(MergeError::GuestEnded)?;
    ok(&shop.carts.merge(&guest, &caller.id).await?)
}
