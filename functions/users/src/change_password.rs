use domain::{Password, PasswordHash, Secret};
use edge::{Problem, Request, Response, Session, Slug, body, no_content};
use schemars::JsonSchema;
use serde::Deserialize;
use store::users::Account;

use crate::{Passwords, session::invalid_credentials};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    current_password: Secret<String>,
    #[schemars(length(min = 12, max = 1024))]
    new_password: Secret<String>,
}

/// `PUT /users/me/password`: sets another password and ends every other session.
///
/// Wrong current passwords are counted by session, so that nobody else can use up its tries. A repeat of a change that was
/// made is a change to the password that is set already, and done.
///
/// 204 · 401 invalid-credentials · 422 weak-password · 429 too-many-attempts
pub async fn change_password(
    shop: &Passwords,
    request: Request<Body>,
) -> Result<Response, Problem> {
    let session = shop.sessions.account_session(&request)?;
    let body = body(&request)?;
    let account = shop.users.account_of(&session.caller.id).await?;
    let account = account.ok_or_else(|| Problem::new(Slug::Unauthenticated))?;
    let new = Password::parse(body.new_password, &account.user.email)?;
    let current = Password::attempt(body.current_password);
    if is_change(shop, &session, &account, &current, &new).await? {
        let hash = PasswordHash::derive(&new, shop.random.bytes()?).map_err(Problem::internal)?;
        let family = session.family.as_deref();
        let set = shop.users.change_password(&account, family, &hash);
        // Somebody else changed it meanwhile, so the current password must be checked again.
        set.await?
            .then_some(())
            .ok_or_else(|| Problem::new(Slug::Busy))?;
    }
    Ok(no_content())
}

/// Whether the caller has proven who they are by the current password; false when the new one is set already.
async fn is_change(
    shop: &Passwords,
    session: &Session,
    account: &Account,
    current: &Password,
    new: &Password,
) -> Result<bool, Problem> {
    let device = session.family.as_deref();
    let device = shop
        .limits
        .device(device.unwrap_or(session.caller.id.as_str()));
    let attempt = shop.throttle.attempt([device]).await?;
    if account.password_hash.matches(current) {
        shop.throttle.succeeded(attempt).await?;
        Ok(true)
    } else if account.password_hash.matches(new) {
        // It still counts as a failed attempt, or each could be two guesses.
        Ok(false)
    } else {
        Err(invalid_credentials().detail("The current password is wrong."))
    }
}
