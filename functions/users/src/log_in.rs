use domain::{Email, Password, PasswordHash};
use edge::{Problem, Request, Response, body, created, source_ip};
use serde::Deserialize;
use store::{throttle::LogInAttempt, users::Account};

use crate::{Issuing, session::invalid_credentials};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    email: String,
    password: String,
}

/// `POST /sessions`: begins a session.
///
/// Unknown addresses and wrong passwords get the same answer after the same work.
///
/// 201 session · 401 invalid-credentials · 429 too-many-attempts
pub async fn log_in(shop: &Issuing, request: Request) -> Result<Response, Problem> {
    let body: Body = body(&request)?;
    // What can't be an address belongs to nobody, so it is told nothing else than a wrong password.
    let email = Email::parse(&body.email).map_err(|_| invalid_credentials())?;
    let attempt = LogInAttempt::begin(&shop.users, &email, source_ip(&request)).await?;
    let account = shop.users.account(&email).await?;
    let account = verified(account, &Password::attempt(body.password))?;
    attempt.succeeded(&shop.users).await?;
    let family = shop.refresh_key.family(shop.random.bytes()?);
    shop.users.begin_session(&family, &account).await?;
    created(&shop.issue(&account.user, &family, 1)?)
}

fn verified(account: Option<Account>, password: &Password) -> Result<Account, Problem> {
    let dummy = PasswordHash::dummy();
    let hash = account
        .as_ref()
        .map_or(&dummy, |found| &found.password_hash);
    let matches = hash.matches(password);
    account.filter(|_| matches).ok_or_else(invalid_credentials)
}
