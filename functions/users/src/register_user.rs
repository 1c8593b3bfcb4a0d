use domain::{Email, Password, PasswordHash, Secret, User, UserId, text};
use edge::{Problem, Request, Response, body, created, session::link_id, source_ip};
use schemars::JsonSchema;
use serde::Deserialize;
use store::StoreError;

use crate::Registration;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    email: Secret<String>,
    #[schemars(length(min = 12, max = 1024))]
    password: Secret<String>,
    #[schemars(length(min = 1, max = 100), regex(pattern = text::LINE))]
    name: Option<String>,
}

/// `POST /users`: makes an account, and has a link sent to its address that verifies it.
///
/// 201 user, with its location · 409 email-taken · 422 invalid-email, weak-password · 429 too-many-attempts
pub async fn register_user(
    shop: &Registration,
    request: Request<Body>,
) -> Result<Response<User>, Problem> {
    let body = body(&request)?;
    let email = Email::parse(body.email.expose())?;
    let name = body.name.map(|name| text::line("name", name, 100));
    let name = name.transpose()?;
    let subject = shop.limits.registration(source_ip(&request));
    let _counted = shop.throttle.attempt([subject]).await?;
    let password = Password::parse(body.password, &email)?;
    let hash = PasswordHash::derive(&password, shop.random.bytes()?).map_err(Problem::internal)?;
    let id = UserId::from_random(shop.random.bytes()?);
    let link = link(shop, &email).await?;
    let user = shop
        .users
        .register(id, &email, name, &hash, link.as_deref());
    Ok(created(&user.await?)?.location("/users/me"))
}

/// The link that is to be sent; none to an address that was sent too many. Else whoever registers it and deletes the
/// account again and again would flood its owner.
async fn link(shop: &Registration, email: &Email) -> Result<Option<String>, Problem> {
    let subject = shop.limits.message_to(&email.digest());
    match shop.throttle.attempt([subject]).await {
        Ok(_counted) => Ok(Some(link_id(shop.random.bytes()?))),
        Err(StoreError::Refused(_)) => Ok(None),
        Err(failed) => Err(failed.into()),
    }
}
