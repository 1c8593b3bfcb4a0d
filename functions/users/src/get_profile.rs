use domain::User;
use edge::{Problem, Request, Response, Slug, ok};

use crate::Profiles;

/// `GET /users/me`: the caller's own account.
///
/// 200 user · 401 unauthenticated, also when the account is gone
pub async fn get_profile(shop: &Profiles, request: Request) -> Result<Response<User>, Problem> {
    let caller = shop.sessions.account(&request)?;
    let user = shop.users.profile(&caller.id).await?;
    ok(&user.ok_or_else(|| Problem::new(Slug::Unauthenticated))?)
}
