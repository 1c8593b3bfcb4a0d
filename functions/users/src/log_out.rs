use domain::Role;
use edge::{Problem, Request, Response, Session, no_content};

use crate::LogOut;

/// `DELETE /sessions/current`: ends the caller's session.
///
/// It can't be refreshed any more, and its access token runs out within ten minutes. A guest's session is as good as its
/// cart, so that is closed.
///
/// 204
pub async fn log_out(shop: &LogOut, request: Request) -> Result<Response, Problem> {
    let Session { caller, family } = shop.sessions.session(&request)?;
    if caller.role == Role::Guest {
        shop.carts.close(&caller.id).await?;
    }
    if let Some(family) = family {
        shop.users.end_session(&family).await?;
    }
    Ok(no_content())
}
