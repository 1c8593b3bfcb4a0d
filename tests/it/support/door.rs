//! A shop's door to a DynamoDB that all tests share. Whoever comes through it, functions, tests and commands, is in a
//! database of the shop's own.

use std::sync::Arc;

use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    response::Response,
};

use super::relay::{Relay, carry, nothing, serve};

/// A door. Closed when dropped.
pub struct Door(Relay);

struct Passing {
    to: String,
    /// Access key and Region of the shop. Emulators keep a database for each, and look at nothing else of a signature.
    /// It is of letters and digits, as DynamoDB Local wants a key to be.
    owner: String,
    client: reqwest::Client,
}

impl Door {
    /// A new door to the DynamoDB at this address.
    pub async fn to(engine: &str, client: reqwest::Client) -> Self {
        let random: [u8; 8] = edge::random_bytes().unwrap();
        let state = Arc::new(Passing {
            to: engine.to_owned(),
            owner: format!("oxcart{:016x}", u64::from_be_bytes(random)),
            client,
        });
        let routes = Router::new().fallback(pass).with_state(state);
        Self(serve(routes).await)
    }

    pub fn endpoint(&self) -> &str {
        self.0.endpoint()
    }
}

async fn pass(State(state): State<Arc<Passing>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    // Whoever is killed may have sent half of it.
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return nothing();
    };
    let signed = parts.headers["authorization"].to_str().unwrap();
    let signed = as_signed_by(&state.owner, signed).unwrap();
    parts
        .headers
        .insert("authorization", signed.parse().unwrap());
    let answer = carry(&state.client, &state.to, &parts.headers, body).await;
    answer.unwrap_or_else(nothing)
}

/// The signature as if it were this owner's, in a Region of that name.
fn as_signed_by(owner: &str, signed: &str) -> Option<String> {
    let (before, scope) = signed.split_once("Credential=")?;
    let mut scope = scope.splitn(4, '/');
    let (_key, date, _region, rest) = (scope.next()?, scope.next()?, scope.next()?, scope.next()?);
    Some(format!("{before}Credential={owner}/{date}/{owner}/{rest}"))
}

#[test]
fn a_signature_becomes_the_owners() {
    let signed = "AWS4-HMAC-SHA256 Credential=place-order/20261127/us-east-1/dynamodb/aws4_request, \
                  SignedHeaders=host;x-amz-date, Signature=0a1b";
    let expected = "AWS4-HMAC-SHA256 Credential=oxcart1/20261127/oxcart1/dynamodb/aws4_request, \
                    SignedHeaders=host;x-amz-date, Signature=0a1b";
    assert_eq!(as_signed_by("oxcart1", signed).as_deref(), Some(expected));
    assert_eq!(as_signed_by("oxcart1", "Bearer x"), None);
}
