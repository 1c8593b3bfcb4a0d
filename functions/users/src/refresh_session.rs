use domain::Secret;
use edge::{Problem, Request, Response, body, ok};
use schemars::JsonSchema;
use serde::Deserialize;
use store::sessions::InvalidRefreshToken;

use crate::{Issuing, session::IssuedSession};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    refresh_token: Secret<String>,
}

/// `POST /sessions/refresh`: goes on with a session, and takes its refresh token for a new one.
///
/// The old token gets the same new one for ten seconds more; used later than that, it ends the session.
///
/// 200 session · 401 invalid-refresh-token
pub async fn refresh_session(
    shop: &Issuing,
    request: Request<Body>,
) -> Result<Response<IssuedSession>, Problem> {
    let body = body(&request)?;
    let opened = shop.refresh_key.open(body.refresh_token.expose());
    let (family, generation) = opened.ok_or(InvalidRefreshToken)?;
    let refreshed = shop.users.refresh(family, generation).await?;
    ok(&shop.issue(&refreshed.user, family, refreshed.generation)?)
}
