use domain::{Email, Secret};
use edge::{Problem, Request, Response, accepted, body, session::link_id, source_ip};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Resets;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    email: Secret<String>,
}

/// `POST /password-resets`: has a link sent by which another password can be set.
///
/// The answer is the same, after the same work, whether or not somebody has this address.
///
/// 202 · 422 invalid-email · 429 too-many-attempts
pub async fn request_password_reset(
    shop: &Resets,
    request: Request<Body>,
) -> Result<Response, Problem> {
    let body = body(&request)?;
    let email = Email::parse(body.email.expose())?;
    let subjects = shop.limits.message(&email.digest(), source_ip(&request));
    let _counted = shop.throttle.attempt(subjects).await?;
    let link = link_id(shop.random.bytes()?);
    shop.users.send_reset(&link, &email).await?;
    Ok(accepted())
}
