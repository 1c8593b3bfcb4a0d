//! A signed request with a JSON body, and its answer.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::{
    http::HttpConnector,
    identity::Identity,
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use http::{HeaderValue, Request, header::CONTENT_TYPE};
use serde_json::Value;
use store::{Connection, connection::connector};

/// How often a request is sent at most.
pub(crate) const TRIES: u32 = 3;
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// An AWS service in a Region.
pub struct Service {
    /// Its name in signatures.
    name: &'static str,
    /// Where it is, without a slash at the end.
    url: String,
    region: String,
    identity: Identity,
    http: Connector,
}

/// A request that the service did not fulfil.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// It can't be sent as it is.
    #[error("the request can't be made")]
    Unsent(#[source] store::error::Source),
    /// No answer came.
    #[error("{service} does not answer")]
    NoAnswer {
        /// Which service.
        service: &'static str,
        /// Why, if it is known.
        #[source]
        source: Option<store::error::Source>,
    },
    /// It refuses. What it says may quote the request, so only the kind of its error is kept.
    #[error("{service} answers {status} {kind}")]
    Refused {
        /// Which service.
        service: &'static str,
        /// The status.
        status: u16,
        /// The kind of error, such as `AccessDeniedException`.
        kind: String,
    },
}

/// Waits until it is worth trying again after so many tries.
pub(crate) async fn pause_after(tries: u32) {
    let most = 100 << tries;
    tokio::time::sleep(Duration::from_millis(fastrand::u64(..most))).await;
}

impl Service {
    /// The service whose name in signatures is `name` and whose host begins with `host`, or the one at `endpoint`.
    pub fn new(
        connection: &Connection,
        name: &'static str,
        host: &str,
        endpoint: Option<&str>,
    ) -> Self {
        let region = connection.region.clone();
        let suffix = if region.starts_with("cn-") { ".cn" } else { "" };
        let usual = || format!("https://{host}.{region}.amazonaws.com{suffix}");
        let credentials = Credentials::new(
            connection.access_key_id.clone(),
            connection.secret_access_key.clone(),
            connection.session_token.clone(),
            None,
            "environment",
        );
        Self {
            name,
            url: endpoint.map_or_else(usual, |it| it.trim_end_matches('/').to_owned()),
            region,
            identity: credentials.into(),
            http: connector(PATIENCE),
        }
    }

    /// Posts `body` with these headers, again if it may help, and gives the answer's body.
    pub async fn post(
        &self,
        path: &str,
        headers: &[(&'static str, &'static str)],
        body: &Value,
    ) -> Result<Value, CallError> {
        let body = body.to_string();
        let mut tries = 0;
        loop {
            tries += 1;
            match self.send(path, headers, &body).await {
                Err(error) if error.may_pass() && tries < TRIES => pause_after(tries).await,
                outcome => return outcome,
            }
        }
    }

    async fn send(
        &self,
        path: &str,
        headers: &[(&'static str, &'static str)],
        body: &str,
    ) -> Result<Value, CallError> {
        let request = self.signed(path, headers, body);
        let request = request.map_err(CallError::Unsent)?;
        let answer = tokio::time::timeout(PATIENCE, self.http.call(request));
        let answer = answer.await.map_err(|_| self.no_answer(None))?;
        let answer = answer.map_err(|error| self.no_answer(Some(Box::new(error))))?;
        self.read(answer).await
    }

    fn signed(
        &self,
        path: &str,
        headers: &[(&'static str, &'static str)],
        body: &str,
    ) -> Result<HttpRequest, store::error::Source> {
        let url = format!("{}{path}", self.url);
        let mut request = Request::post(&url).body(SdkBody::from(body))?;
        for (name, value) in headers {
            let value = HeaderValue::from_static(value);
            request.headers_mut().insert(*name, value);
        }
        if !request.headers().contains_key(CONTENT_TYPE) {
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().insert(CONTENT_TYPE, json);
        }
        let params = v4::SigningParams::builder()
            .identity(&self.identity)
            .region(&self.region)
            .name(self.name)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?;
        let signed = request.headers().iter();
        let signed = signed.map(|(name, value)| {
            Ok::<_, http::header::ToStrError>((name.as_str(), value.to_str()?))
        });
        let signed = signed.collect::<Result<Vec<_>, _>>()?;
        let bytes = SignableBody::Bytes(body.as_bytes());
        let signable = SignableRequest::new("POST", &url, signed.into_iter(), bytes)?;
        let (instructions, _) = sign(signable, &params.into())?.into_parts();
        instructions.apply_to_request_http1x(&mut request);
        Ok(request.try_into()?)
    }

    async fn read(&self, answer: HttpResponse) -> Result<Value, CallError> {
        let status = answer.status();
        let kind = answer.headers().get("x-amzn-errortype").map(str::to_owned);
        let body = ByteStream::new(answer.into_body()).collect();
        let bytes = tokio::time::timeout(PATIENCE, body).await;
        let bytes = bytes.map_err(|_| self.no_answer(None))?;
        let bytes = bytes.map_err(|error| self.no_answer(Some(Box::new(error))))?;
        let body: Value = serde_json::from_slice(&bytes.into_bytes()).unwrap_or_default();
        if status.is_success() {
            return Ok(body);
        }
        // `com.amazonaws.ssm#ParameterNotFound`, or `ParameterNotFound:http://…`
        let kind = kind.or_else(|| Some(body["__type"].as_str()?.to_owned()));
        let kind = kind.unwrap_or_default();
        let kind = kind.rsplit('#').next().unwrap_or_default();
        let kind = kind.split(':').next().unwrap_or_default().to_owned();
        Err(CallError::Refused {
            service: self.name,
            status: status.as_u16(),
            kind,
        })
    }

    fn no_answer(&self, source: Option<store::error::Source>) -> CallError {
        CallError::NoAnswer {
            service: self.name,
            source,
        }
    }
}

impl CallError {
    /// Whether the service found fault with the request itself, and not with who asks or when.
    pub(crate) fn is_about_the_request(&self) -> bool {
        let faults = [
            "BadRequest",
            "MessageRejected",
            "Validation",
            "InvalidParameter",
        ];
        match self {
            Self::Refused { kind, .. } => faults.iter().any(|fault| kind.starts_with(fault)),
            _ => false,
        }
    }

    /// Whether the same request may be fulfilled a moment later.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Unsent(_) => false,
            Self::NoAnswer { .. } => true,
            Self::Refused { status, kind, .. } => {
                // The last is how streams of DynamoDB throttle.
                let throttled = kind.contains("Throttl") || kind == "LimitExceededException";
                *status == 429 || *status >= 500 || throttled
            }
        }
    }
}

#[cfg(test)]
mod tests;
