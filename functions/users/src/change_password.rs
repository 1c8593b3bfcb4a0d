use domain::{Email, Password, PasswordHash};
use edge::{Problem, Request, Response, Session, Slug, body, no_content, source_ip};
use serde::Deserialize;
use store::{throttle::LogInAttempt, users::Account};

use crate::{Profiles, session::invalid_credentials};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    current_password: String,
    new_password: String,
}

/// `PUT /users/me/password`: sets another password and ends every other session.
///
/// Wrong current passwords count as failed log-ins. A repeat of a change that was made is a change to the password that
/// is set already, and done.
///
/// 204 · 401 invalid-credentials · 422 weak-password · 429 too-many-attempts
pub async fn change_password(shop: &Profiles, request: Request) -> Result<Response, Problem> {
    let Session { caller, family } = shop.sessions.account_session(&request)?;
    let body: Body = body(&request)?;
    let new = Password::parse(body.new_password)?;
    let account = shop.users.account_of(&caller.id).await?;
    let account = account.ok_or_else(|| Problem::new(Slug::Unauthenticated))?;
    let current = Password::attempt(body.current_password);
    if is_change(shop, &request, &account, &current, &new).await? {
        let hash = PasswordHash::derive(&new, shop.random.bytes()?).map_err(Problem::internal)?;
        let set = shop
            .users
            .change_password(&account, family.as_deref(), &hash);
        // Somebody else changed it meanwhile, so the current password must be checked again.
        set.await?
            .then_some(())
            .ok_or_else(|| Problem::new(Slug::Busy))?;
    }
    Ok(no_content())
}

/// Whether the caller has proven who they are by the current password; false when the new one is set already.
async fn is_change(
    shop: &Profiles,
    request: &Request,
    account: &Account,
    current: &Password,
    new: &Password,
) -> Result<bool, Problem> {
    // It was an address when it was written down.
    let email = Email::parse(&account.user.email).map_err(Problem::internal)?;
    let attempt = LogInAttempt::begin(&shop.users, &email, source_ip(request)).await?;
    if account.password_hash.matches(current) {
        attempt.succeeded(&shop.users).await?;
        Ok(true)
    } else if account.password_hash.matches(new) {
        // It still counts as a failed attempt, or each could be two guesses.
        Ok(false)
    } else {
        Err(invalid_credentials().detail("The current password is wrong."))
    }
}
