use edge::{Problem, Request, Response, Slug, accepted, session::link_id, source_ip};

use crate::Messages;

/// `POST /users/me/email-verification`: has another link sent to the caller's address that verifies it.
///
/// Nothing is sent to an address that is verified already.
///
/// 202 · 429 too-many-attempts
pub async fn request_email_verification(
    shop: &Messages,
    request: Request,
) -> Result<Response, Problem> {
    let caller = shop.sessions.account(&request)?;
    let account = shop.users.account_of(&caller.id).await?;
    let account = account.ok_or_else(|| Problem::new(Slug::Unauthenticated))?;
    if !account.user.email_verified {
        let email = account.user.email.digest();
        let subjects = shop.limits.message(&email, source_ip(&request));
        let _counted = shop.throttle.attempt(subjects).await?;
        let link = link_id(shop.random.bytes()?);
        shop.users.send_verification(&link, &account).await?;
    }
    Ok(accepted())
}
