use edge::{Problem, Request, Response, ok_json};
use serde_json::Value;

use crate::Contract;

/// As `cargo shop sync` writes it.
const DOCUMENT: &str = include_str!("../openapi.json");

/// `GET /openapi.json`: what every operation takes and answers, as an OpenAPI 3.1 document.
///
/// 200 document
pub async fn get_openapi(_: &Contract, _: Request) -> Result<Response<Value>, Problem> {
    Ok(ok_json(DOCUMENT).public_for(300))
}
