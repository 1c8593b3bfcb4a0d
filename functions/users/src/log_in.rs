use domain::{Email, Password, PasswordHash, Secret};
use edge::{Problem, Request, Response, body, created, source_ip};
use schemars::JsonSchema;
use serde::Deserialize;
use store::users::Account;

use crate::{
    LogIn,
    session::{IssuedSession, invalid_credentials},
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    email: Secret<String>,
    password: Secret<String>,
    device_token: Option<Secret<String>>,
}

/// `POST /sessions`: begins a session.
///
/// Unknown addresses and wrong passwords get the same answer after the same work. A device that logged in before has
/// tries of its own, which nobody else can use up.
///
/// 201 session, with a device token · 401 invalid-credentials · 429 too-many-attempts
pub async fn log_in(
    shop: &LogIn,
    request: Request<Body>,
) -> Result<Response<IssuedSession>, Problem> {
    let body = body(&request)?;
    // What can't be an address belongs to nobody, so it is told nothing else than a wrong password.
    let email = Email::parse(body.email.expose()).map_err(|_| invalid_credentials())?;
    let account = shop.issuing.users.account(&email).await?;
    let device = body.device_token.as_ref();
    let device = device.and_then(|token| shop.issuing.device(token, account.as_ref()));
    let subjects = shop
        .limits
        .log_in(&email.digest(), source_ip(&request), device);
    let attempt = shop.throttle.attempt(subjects).await?;
    let password = Password::attempt(body.password);
    let account = verified(account, &password)?;
    shop.throttle.succeeded(attempt).await?;
    shop.issuing.keep_up(&account, &password).await?;
    created(&shop.issuing.begin(&account, device).await?)
}

fn verified(account: Option<Account>, password: &Password) -> Result<Account, Problem> {
    let dummy = PasswordHash::dummy();
    let hash = account
        .as_ref()
        .map_or(&dummy, |found| &found.password_hash);
    let matches = hash.matches(password);
    account.filter(|_| matches).ok_or_else(invalid_credentials)
}
