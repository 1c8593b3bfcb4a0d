use domain::{Email, Password, PasswordHash};
use edge::{Problem, Request, Response, Slug, body, no_content, source_ip};
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
    let caller = shop.sessions.account(&request)?;
    let Body {
        current_password,
        new_password,
    } = body(&request)?;
    let new = Password::parse(new_password)?;
    let account = shop.users.account_of(&caller.id).await?;
    let account = account.ok_or_else(|| Problem::new(Slug::Unauthenticated))?;
    let email = Email::parse(&account.user.email)?;
    let attempt = LogInAttempt::begin(&shop.users, &email, source_ip(&request)).await?;
    let wanted = wanted(&account, &Password::attempt(current_password), &new)?;
    attempt.succeeded(&shop.users).await?;
    if wanted == Wanted::Change {
        let hash = PasswordHash::derive(&new, edge::random_bytes()?).map_err(Problem::internal)?;
        let family = shop.sessions.session(&request)?.family;
        let changed = shop
            .users
            .change_password(&account, family.as_deref(), &hash)
            .await?;
        // Somebody else changed it at the same time: whose current password is right is to be seen again.
        changed
            .then_some(())
            .ok_or_else(|| Problem::new(Slug::Busy))?;
    }
    Ok(no_content())
}

#[derive(PartialEq)]
enum Wanted {
    Change,
    Nothing,
}

fn wanted(account: &Account, current: &Password, new: &Password) -> Result<Wanted, Problem> {
    if account.password_hash.matches(current) {
        Ok(Wanted::Change)
    } else if account.password_hash.matches(new) {
        Ok(Wanted::Nothing)
    } else {
        Err(invalid_credentials())
    }
}
