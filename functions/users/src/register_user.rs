use domain::{Email, Password, PasswordHash, UserId, text};
use edge::{Problem, Request, Response, ResponseExt, body, created};
use serde::Deserialize;

use crate::Registration;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    email: String,
    password: String,
    name: Option<String>,
}

/// `POST /users`: makes an account.
///
/// 201 user · 409 email-taken · 422 invalid-email, weak-password
pub async fn register_user(shop: &Registration, request: Request) -> Result<Response, Problem> {
    let body: Body = body(&request)?;
    let email = Email::parse(&body.email)?;
    let password = Password::parse(body.password)?;
    let name = body
        .name
        .map(|name| text::line("name", name, 100))
        .transpose()?;
    let hash = PasswordHash::derive(&password, shop.random.bytes()?).map_err(Problem::internal)?;
    let id = UserId::from_random(shop.random.bytes()?);
    let user = shop.users.register(id, &email, name, &hash).await?;
    Ok(created(&user)?.location("/users/me"))
}
