use domain::{Password, PasswordHash, Secret};
use edge::{Problem, Request, Response, body, ok};
use schemars::JsonSchema;
use serde::Deserialize;
use store::{
    links::{InvalidLink, Link, Purpose},
    users::Account,
};

use crate::{Resetting, session::IssuedSession};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    token: Secret<String>,
    #[schemars(length(min = 12, max = 1024))]
    new_password: Secret<String>,
}

/// `POST /password-resets/completion`: sets another password by the token of a link, ends every session, and begins one.
///
/// A link is good once and for half an hour. The same request again within ten minutes is a repeat, and done.
///
/// 200 session, with a device token · 422 invalid-link, weak-password · 429 too-many-attempts
pub async fn reset_password(
    shop: &Resetting,
    request: Request<Body>,
) -> Result<Response<IssuedSession>, Problem> {
    let body = body(&request)?;
    let link = shop.link_key.open(Purpose::ResetPassword, &body.token);
    let link = link.ok_or(InvalidLink)?;
    let (account, read) = shop.issuing.users.resetting(link).await?;
    let new = Password::parse(body.new_password, &account.user.email)?;
    // By a used link the password could be guessed at.
    let attempt = shop.throttle.attempt([shop.limits.link(link)]).await?;
    let account = reset(shop, account, read, &new).await?;
    shop.throttle.succeeded(attempt).await?;
    ok(&shop.issuing.begin(&account, None).await?)
}

async fn reset(
    shop: &Resetting,
    mut account: Account,
    mut link: Link,
    new: &Password,
) -> Result<Account, Problem> {
    let users = &shop.issuing.users;
    while link.used_at.is_none() {
        let hash = PasswordHash::derive(new, shop.issuing.random.bytes()?);
        let hash = hash.map_err(Problem::internal)?;
        if let Some(changed) = users.reset_password(&account, &link, &hash).await? {
            return Ok(changed);
        }
        // It was used meanwhile, perhaps by this very request, sent twice.
        (account, link) = users.resetting(&link.id).await?;
    }
    let is_repeat = account.password_hash.matches(new);
    is_repeat.then_some(account).ok_or(InvalidLink.into())
}
