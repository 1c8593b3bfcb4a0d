use domain::{Email, Password, PasswordHash, Secret, User, UserId, text};
use edge::{Problem, Request, Response, body, created, session::link_id, source_ip};
use schemars::JsonSchema;
use serde::Deserialize;

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
    let (id, link) = (shop.random.bytes()?, link_id(shop.random.bytes()?));
    let id = UserId::from_random(id);
    let user = shop.users.register(id, &email, name, &hash, Some(&link));
    Ok(created(&user.await?)?.location("/users/me"))
}
