use edge::{Problem, PublicKeys, Request, Response, ok};

use crate::KeySet;

/// `GET /.well-known/jwks.json`: the keys that prove access tokens, for whoever else wants to verify them.
///
/// 200 JWK set (RFC 7517)
pub async fn get_jwks(shop: &KeySet, _: Request) -> Result<Response<PublicKeys>, Problem> {
    Ok(ok(&shop.keys)?.public_for(300))
}
