use domain::Secret;
use edge::{Problem, Request, Response, body, no_content};
use schemars::JsonSchema;
use serde::Deserialize;
use store::links::{InvalidLink, Purpose};

use crate::Verifying;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    token: Secret<String>,
}

/// `POST /email-verifications`: verifies an account's address by the token of a link that was sent to it.
///
/// 204, also again · 422 invalid-link
pub async fn verify_email(shop: &Verifying, request: Request<Body>) -> Result<Response, Problem> {
    let Body { token } = body(&request)?;
    let link = shop.link_key.open(Purpose::VerifyEmail, &token);
    shop.users.verify_email(link.ok_or(InvalidLink)?).await?;
    Ok(no_content())
}
