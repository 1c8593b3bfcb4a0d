//! The whole `main` of a function with a route.

use std::time::{Duration, Instant};

use aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_http::{Body, Context, http::Method};
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Serialize;
use serde_json::value::RawValue;
use tracing::info;

use crate::{
    Error, HttpRequest, HttpResponse, Problem, Request, Response, Service, Settings, Slug,
    deadline, event,
    events::Failed,
    log, metrics,
    panic::{self, catch},
    response,
};

/// Serves `operation` as a Lambda function: all that its binary's `main` does.
///
/// ```no_run
/// # use edge::{Problem, Request, Response, Service, SettingError, Settings};
/// # struct Orders;
/// # impl Service for Orders {
/// #     fn from_settings(_: &Settings) -> Result<Self, SettingError> { Ok(Self) }
/// # }
/// async fn place_order(shop: &Orders, request: Request) -> Result<Response, Problem> {
///     Ok(edge::no_content())
/// }
///
/// fn main() -> Result<(), edge::Error> {
///     edge::serve(place_order)
/// }
/// ```
pub fn serve<S, B, T, O>(operation: O) -> Result<(), Error>
where
    S: Service,
    O: AsyncFn(&S, Request<B>) -> Result<Response<T>, Problem>,
{
    run::<S, O, _>(async |service, event: LambdaEvent<Box<RawValue>>| {
        let left = deadline(&event.context);
        Ok(answer(
            service,
            &operation,
            event.payload.get(),
            event.context,
            left,
        )
        .await)
    })
}

/// Starts the service, then hands Lambda's events to `handle`. `O` is the operation, for its name.
pub(crate) fn run<S, O, R>(
    handle: impl AsyncFn(&S, LambdaEvent<Box<RawValue>>) -> Result<R, Failed>,
) -> Result<(), Error>
where
    S: Service,
    R: Serialize,
{
    let begun = Instant::now();
    log::start();
    std::panic::set_hook(Box::new(panic::log));
    let settings = Settings::from_env();
    let operation = log::operation_name::<O>();
    metrics::start(on_lambda(&settings)?, &operation);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let before = Instant::now();
        let settings = settings.with_parameters().await?;
        let service = S::from_settings(&settings)?;
        let settings_us = log::micros(before);
        let start_us = log::micros(begun);
        info!(operation, settings_us, start_us, "started");
        lambda_runtime::run(service_fn(|event| handle(&service, event)))
            .await
            .map_err(Error::Runtime)
    })
}

/// The function's name. `lambda_runtime` panics without this and the others.
fn on_lambda(settings: &Settings) -> Result<&str, Error> {
    let needed = |name| settings.optional(name).ok_or(Error::NotLambda(name));
    for name in [
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    ] {
        needed(name)?;
    }
    needed("AWS_LAMBDA_FUNCTION_NAME")
}

/// The answer of `operation` to an event of API Gateway, whatever is in the event and whatever the operation does.
/// `left` is the time until Lambda ends the invocation, if it is known.
pub async fn answer<S, B, T, O>(
    service: &S,
    operation: &O,
    event: &str,
    context: Context,
    left: Option<Duration>,
) -> ApiGatewayV2httpResponse
where
    O: AsyncFn(&S, Request<B>) -> Result<Response<T>, Problem>,
{
    let begun = Instant::now();
    let (request_id, request) = event::read(event, context);
    let result = match request {
        Ok(request) => catch(in_time(service, operation, request, left))
            .await
            .unwrap_or_else(|panicked| Err(Problem::internal(panicked))),
        Err(problem) => Err(problem),
    };
    let name = log::operation_name::<O>();
    log::request(&name, &request_id, begun, &result);
    metrics::request(&name, &result);
    let mut answer = result.unwrap_or_else(|problem| problem.into_response(&request_id));
    response::dress(&mut answer, &request_id);
    for_gateway(answer)
}

/// The time a function keeps for answering, at the end of what Lambda gives it.
pub(crate) const RESERVE: Duration = Duration::from_millis(500);

/// The answer of `operation`, or the truth about one that takes too long: what only reads changed nothing; of anything
/// else it is not known.
async fn in_time<S, B, T, O>(
    service: &S,
    operation: &O,
    request: HttpRequest,
    left: Option<Duration>,
) -> Result<HttpResponse, Problem>
where
    O: AsyncFn(&S, Request<B>) -> Result<Response<T>, Problem>,
{
    let late = if request.method() == Method::GET {
        Slug::Busy
    } else {
        Slug::OutcomeUnknown
    };
    let answering = operation(service, Request::new(request));
    let answer = match left {
        None => answering.await,
        Some(left) => tokio::time::timeout(left.saturating_sub(RESERVE), answering)
            .await
            .unwrap_or_else(|elapsed| Err(Problem::new(late).caused_by(elapsed))),
    };
    answer.map(Into::into)
}

fn for_gateway(answer: HttpResponse) -> ApiGatewayV2httpResponse {
    let (parts, body) = answer.into_parts();
    let mut event = ApiGatewayV2httpResponse::default();
    event.status_code = i64::from(parts.status.as_u16());
    event.headers = parts.headers;
    event.is_base64_encoded = matches!(body, Body::Binary(_));
    event.body = (!body.is_empty()).then_some(body);
    event
}

#[cfg(test)]
mod tests;
