use domain::{Caller, Role, UserId};
use edge::{Problem, Request, Response, created};

use crate::{Guests, session::IssuedSession};

/// `POST /guests`: begins the session of somebody without an account, who can fill a cart with it for 30 days.
///
/// Nothing is kept of it until something is put into the cart.
///
/// 201 session, without a refresh token
pub async fn start_guest_session(
    shop: &Guests,
    _: Request,
) -> Result<Response<IssuedSession>, Problem> {
    let guest = Caller {
        id: UserId::guest(shop.random.bytes()?),
        role: Role::Guest,
    };
    let access = shop.signing_key.sign(&guest, (shop.clock)())?;
    created(&IssuedSession::new(access, None))
}
