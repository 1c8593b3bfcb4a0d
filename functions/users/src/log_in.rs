use domain::{Caller, Email, Password, PasswordHash};
use edge::{Problem, Request, Response, Slug, body, created, source_ip};
use serde::{Deserialize, Serialize};
use store::{throttle::LogInAttempt, users::Account};

use crate::LogIn;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    email: String,
    password: String,
}

#[derive(Serialize)]
struct Session {
    access_token: String,
    token_type: &'static str,
    expires_in: u32,
    refresh_token: String,
}

/// `POST /sessions`: begins a session.
///
/// Unknown addresses and wrong passwords get the same answer after the same work.
///
/// 201 session · 401 invalid-credentials · 429 too-many-attempts
pub async fn log_in(shop: &LogIn, request: Request) -> Result<Response, Problem> {
    let body: Body = body(&request)?;
    // What can't be an address belongs to nobody, so it is told nothing else than a wrong password.
    let email = Email::parse(&body.email).map_err(|_| invalid_credentials())?;
    let from = source_ip(&request).map(|ip| ip.to_string());
    let attempt = LogInAttempt::begin(&shop.users, &email, &from.unwrap_or_default()).await?;
    let account = shop.users.account(&email).await?;
    let account = verified(account, &Password::attempt(body.password))?;
    attempt.succeeded(&shop.users).await?;
    let session = begin_session(shop, &account).await?;
    created(&session)
}

fn verified(account: Option<Account>, password: &Password) -> Result<Account, Problem> {
    let dummy = PasswordHash::dummy();
    let hash = account
        .as_ref()
        .map_or(&dummy, |found| &found.password_hash);
    let matches = hash.matches(password);
    account.filter(|_| matches).ok_or_else(invalid_credentials)
}

async fn begin_session(shop: &LogIn, account: &Account) -> Result<Session, Problem> {
    let caller = Caller {
        id: account.user.id.clone(),
        role: account.user.role,
    };
    let access = shop.signing_key.sign(&caller, shop.users.now())?;
    let (family, refresh_token) = shop.refresh_key.new_family(edge::random_bytes()?);
    shop.users.begin_session(&family, account).await?;
    Ok(Session {
        access_token: access.token,
        token_type: "Bearer",
        expires_in: access.expires_in,
        refresh_token,
    })
}

fn invalid_credentials() -> Problem {
    Problem::new(Slug::InvalidCredentials)
}
