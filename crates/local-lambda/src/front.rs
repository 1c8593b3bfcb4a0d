//! The HTTP front: what API Gateway does between a client and a function.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::time::timeout;

use crate::{
    InvokeError, answer,
    event::{Event, Received},
    ids,
    pool::Pool,
    routes::RouteTable,
};

/// The largest request body API Gateway takes, in bytes.
const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// How long API Gateway waits for a function, waiting in a queue included.
const GATEWAY_TIMEOUT: Duration = Duration::from_secs(30);

/// The routes and the functions behind them.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) routes: RouteTable,
    pub(crate) pools: Arc<BTreeMap<String, Arc<Pool>>>,
    pub(crate) port: u16,
}

/// Answers one request.
pub(crate) async fn handle(
    State(front): State<Arc<Front>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let request_id = ids::request_id();
    let mut response = front
        .answer(peer, request, &request_id)
        .await
        .unwrap_or_else(GatewayError::into_response);
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert("apigw-requestid", value);
    }
    response
}

impl Front {
    async fn answer(
        &self,
        peer: SocketAddr,
        request: Request,
        request_id: &str,
    ) -> Result<Response, GatewayError> {
        let (parts, body) = request.into_parts();
        let found = self.routes.find(&parts.method, parts.uri.path());
        let found = found.ok_or(GatewayError::NotFound)?;
        let pool = self
            .pools
            .get(found.function)
            .ok_or(GatewayError::NotFound)?;
        let body = read(body).await?;
        let trace_id = ids::trace_id();
        let received = Received {
            parts: &parts,
            body: &body,
            peer,
            port: self.port,
            request_id,
            trace_id: &trace_id,
            at: SystemTime::now(),
        };
        let event = serde_json::to_vec(&Event::new(&received, &found))
            .map_err(|_| GatewayError::InternalServerError)?;
        let answer = timeout(GATEWAY_TIMEOUT, pool.invoke(event.into(), trace_id))
            .await
            .map_err(|_| {
                tracing::warn!(
                    route = found.route_key,
                    "no answer within {GATEWAY_TIMEOUT:?}"
                );
                GatewayError::ServiceUnavailable
            })??;
        answer::to_response(&answer).ok_or_else(|| {
            tracing::warn!(route = found.route_key, "the answer is no HTTP response");
            GatewayError::InternalServerError
        })
    }
}

async fn read(body: Body) -> Result<Bytes, GatewayError> {
    match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(GatewayError::RequestEntityTooLarge),
        Err(_) => Err(GatewayError::BadRequest),
    }
}

/// The answers that are the gateway's own. They say nothing of the cause; the log does.
#[derive(Debug)]
enum GatewayError {
    BadRequest,
    NotFound,
    RequestEntityTooLarge,
    InternalServerError,
    ServiceUnavailable,
}

impl From<InvokeError> for GatewayError {
    fn from(error: InvokeError) -> Self {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "no answer from the function"
        );
        match error {
            InvokeError::TimedOut { .. }
            | InvokeError::StartTimedOut { .. }
            | InvokeError::ShutDown { .. } => Self::ServiceUnavailable,
            InvokeError::UnknownFunction { .. }
            | InvokeError::NotStarted { .. }
            | InvokeError::ExitedAtStart { .. }
            | InvokeError::Init { .. }
            | InvokeError::Function { .. }
            | InvokeError::Crashed { .. }
            | InvokeError::AnswerTooLarge { .. }
            | InvokeError::NotJson { .. } => Self::InternalServerError,
        }
    }
}

impl IntoResponse for GatewayError {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::BadRequest => (StatusCode::BAD_REQUEST, "Bad Request"),
            Self::NotFound => (StatusCode::NOT_FOUND, "Not Found"),
            Self::RequestEntityTooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large")
            }
            Self::InternalServerError => {
                (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
            }
            Self::ServiceUnavailable => (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        };
        let body = format!(r#"{{"message":"{message}"}}"#);
        (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
    }
}
