use edge::{Problem, Request, Response, no_content};

use crate::Deletions;

/// `DELETE /users/me`: deletes the caller's account and everything personal.
///
/// Unpaid orders are cancelled; all orders are kept without their addresses. What a long list of orders leaves to do is
/// done by `settle-orders`.
///
/// 204 · 409 open-orders, with `order_ids`
pub async fn delete_user(shop: &Deletions, request: Request) -> Result<Response, Problem> {
    let caller = shop.sessions.customer(&request)?;
    shop.deletion.delete(&caller.id).await?;
    Ok(no_content())
}
