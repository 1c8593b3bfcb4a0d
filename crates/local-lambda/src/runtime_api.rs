//! The Runtime API as one instance sees it: where a function fetches events and leaves answers.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::{
    future::Future,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
    serve::ListenerExt,
};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot, watch},
};

use crate::{
    FunctionError,
    answer::Answer,
    load::{Counted, Load},
    sync::locked,
};

/// The largest answer Lambda takes, in bytes.
pub(crate) const ANSWER_LIMIT: usize = 6_291_556;

const ERROR_TYPE: &str = "lambda-runtime-function-error-type";
const ERROR_BODY: &str = "lambda-runtime-function-error-body";
const STREAMED_RESPONSE: &[u8] = b"application/vnd.awslambda.http-integration-response";

/// One invocation, on its way to the process.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) request_id: String,
    pub(crate) trace_id: String,
    /// When it must be over, in milliseconds since 1970.
    pub(crate) deadline: u64,
    pub(crate) event: Bytes,
    pub(crate) reply: oneshot::Sender<Reply>,
}

/// What the process made of an invocation.
pub(crate) type Reply = Result<Answer, NoAnswer>;

/// Why a process that still lives gave no answer.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    Failed(FunctionError),
    TooLarge,
}

/// What is known of the process.
#[derive(Debug, Clone)]
pub(crate) enum Phase {
    Starting,
    /// It has asked for its first invocation.
    Ready,
    /// It has reported that it can't start.
    Failed(FunctionError),
}

/// The Runtime API of one instance.
#[derive(Debug)]
pub(crate) struct RuntimeApi {
    function_arn: String,
    phase: watch::Sender<Phase>,
    offer: mpsc::Sender<Invocation>,
    offered: tokio::sync::Mutex<mpsc::Receiver<Invocation>>,
    under_way: Mutex<Option<UnderWay>>,
    load: Arc<Load>,
}

/// The invocation the process has taken and not answered.
#[derive(Debug)]
struct UnderWay {
    request_id: String,
    reply: oneshot::Sender<Reply>,
    counted: Counted,
}

impl RuntimeApi {
    pub(crate) fn new(function_arn: String, load: &Arc<Load>) -> Arc<Self> {
        let (offer, offered) = mpsc::channel(1);
        Arc::new(Self {
            function_arn,
            phase: watch::Sender::new(Phase::Starting),
            offer,
            offered: tokio::sync::Mutex::new(offered),
            under_way: Mutex::new(None),
            load: Arc::clone(load),
        })
    }

    /// Serves the API on `listener` until `end`.
    pub(crate) fn serve(
        self: &Arc<Self>,
        listener: TcpListener,
        end: impl Future<Output = ()> + Send + 'static,
    ) {
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route(
                "/2018-06-01/runtime/invocation/{request_id}/response",
                post(response),
            )
            .route(
                "/2018-06-01/runtime/invocation/{request_id}/error",
                post(error),
            )
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .with_state(Arc::clone(self));
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        tokio::spawn(
            axum::serve(listener, router)
                .with_graceful_shutdown(end)
                .into_future(),
        );
    }

    /// Lets the process have `invocation` when it next asks. The one before must be over; otherwise
    /// this one is dropped, and with it the way for a reply.
    pub(crate) fn offer(&self, invocation: Invocation) {
        let _ = self.offer.try_send(invocation);
    }

    /// Waits until the process has asked for an invocation or reported that it can't start.
    pub(crate) async fn started(&self) -> Phase {
        let mut phase = self.phase.subscribe();
        let started = phase
            .wait_for(|phase| !matches!(phase, Phase::Starting))
            .await;
        started.map_or(Phase::Starting, |phase| phase.clone())
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase.borrow().clone()
    }

    pub(crate) fn is_busy(&self) -> bool {
        locked(&self.under_way).is_some()
    }

    /// Gives up the invocation under way; `false` if the process never took one.
    pub(crate) fn abandon(&self) -> bool {
        locked(&self.under_way).take().is_some()
    }

    fn finish(&self, request_id: &str, reply: Reply) -> Response {
        let mut under_way = locked(&self.under_way);
        let Some(finished) = under_way.take_if(|it| it.request_id == request_id) else {
            return refusal(StatusCode::BAD_REQUEST, "InvalidRequestID");
        };
        drop(under_way);
        let too_large = matches!(reply, Err(NoAnswer::TooLarge));
        let UnderWay {
            reply: sender,
            counted,
            ..
        } = finished;
        // Over before anybody can see the answer, so that the count never runs ahead of the client.
        drop(counted);
        let _ = sender.send(reply); // nobody waits for it any more: it came too late
        if too_large {
            return refusal(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge");
        }
        accepted()
    }
}

async fn next(State(api): State<Arc<RuntimeApi>>) -> Response {
    api.phase.send_if_modified(|phase| {
        let starting = matches!(phase, Phase::Starting);
        if starting {
            *phase = Phase::Ready;
        }
        starting
    });
    let Some(invocation) = api.offered.lock().await.recv().await else {
        return refusal(StatusCode::GONE, "InstanceEnded");
    };
    let Invocation {
        request_id,
        trace_id,
        deadline,
        event,
        reply,
    } = invocation;
    let headers = [
        ("lambda-runtime-aws-request-id", request_id.clone()),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            api.function_arn.clone(),
        ),
        ("lambda-runtime-trace-id", trace_id),
        ("content-type", "application/json".to_owned()),
    ];
    {
        // Counted under the lock: who sees the count can rely on `is_busy`.
        let mut under_way = locked(&api.under_way);
        *under_way = Some(UnderWay {
            request_id,
            reply,
            counted: api.load.count(),
        });
    }
    let mut response = Response::new(Body::from(event));
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

async fn response(
    State(api): State<Arc<RuntimeApi>>,
    Path(request_id): Path<String>,
    request: Request,
) -> Response {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let has_prelude = content_type.is_some_and(|value| value.as_bytes() == STREAMED_RESPONSE);
    let reply = match Limited::new(request.into_body(), ANSWER_LIMIT)
        .collect()
        .await
    {
        Err(error) if error.is::<LengthLimitError>() => Err(NoAnswer::TooLarge),
        // The connection broke: the end of the process, or its timeout, will tell.
        Err(_) => return refusal(StatusCode::BAD_REQUEST, "InvalidBody"),
        // A stream that fails midway says so after its last chunk.
        Ok(body) => match body
            .trailers()
            .filter(|trailers| trailers.contains_key(ERROR_TYPE))
        {
            Some(trailers) => Err(NoAnswer::Failed(stream_error(trailers))),
            None => Ok(Answer {
                body: body.to_bytes(),
                has_prelude,
            }),
        },
    };
    api.finish(&request_id, reply)
}

async fn error(
    State(api): State<Arc<RuntimeApi>>,
    Path(request_id): Path<String>,
    headers: HeaderMap,
    report: Bytes,
) -> Response {
    let error = FunctionError::read(error_type(&headers), &report);
    api.finish(&request_id, Err(NoAnswer::Failed(error)))
}

async fn init_error(
    State(api): State<Arc<RuntimeApi>>,
    headers: HeaderMap,
    report: Bytes,
) -> Response {
    api.phase.send_replace(Phase::Failed(FunctionError::read(
        error_type(&headers),
        &report,
    )));
    accepted()
}

fn error_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(ERROR_TYPE)?.to_str().ok()
}

/// The report of a failed stream is Base64 in its trailer.
fn stream_error(trailers: &HeaderMap) -> FunctionError {
    let report = trailers
        .get(ERROR_BODY)
        .map(HeaderValue::as_bytes)
        .unwrap_or_default();
    let decoded = data_encoding::BASE64.decode(report);
    FunctionError::read(
        error_type(trailers),
        &decoded.unwrap_or_else(|_| report.to_vec()),
    )
}

fn accepted() -> Response {
    json(StatusCode::ACCEPTED, r#"{"status":"OK"}"#.to_owned())
}

fn refusal(status: StatusCode, error_type: &str) -> Response {
    json(
        status,
        format!(r#"{{"errorType":"{error_type}","errorMessage":"{status}"}}"#),
    )
}

fn json(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
