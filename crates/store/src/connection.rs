//! A lean DynamoDB client: credentials as Lambda sets them, no provider chain, Amazon's root certificates alone.
//!
//! Start-up is a shop's cold start: the SDK's usual chain of providers and the system's certificates cost
//! milliseconds that no function here has a use for.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::{
    Client, Config,
    config::{
        self, BehaviorVersion, Region, SharedHttpClient, StalledStreamProtectionConfig,
        retry::RetryConfig, timeout::TimeoutConfig,
    },
};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::{
    Builder, Connector,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::http::HttpConnectorSettings;

use crate::meter::Metered;

/// The roots that sign DynamoDB's certificates (Amazon Trust Services' repository, `amazontrust.com/repository`).
const AMAZON_ROOTS: &[u8] = include_bytes!("../roots/amazon.pem");

/// Where a DynamoDB is and who asks.
#[derive(Clone)]
pub struct Connection {
    /// The Region.
    pub region: String,
    /// Another address than the Region's own, such as an emulator's.
    pub endpoint: Option<String>,
    /// Access key id.
    pub access_key_id: String,
    /// Secret access key.
    pub secret_access_key: String,
    /// Session token, as roles have one.
    pub session_token: Option<String>,
}

/// A variable that a connection needs is not set.
#[derive(Debug, thiserror::Error)]
#[error(
    "{0} is not set; Lambda sets it for every function, and elsewhere it belongs to the environment"
)]
pub struct NotSet(pub &'static str);

/// Another address of a service than the Region's own: that of the variable which AWS has for the service, else that of the one
/// for all services.
pub fn endpoint(of_service: &str, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let set = |name: &str| variable(name).filter(|url| !url.is_empty());
    set(of_service).or_else(|| set("AWS_ENDPOINT_URL"))
}

impl Connection {
    /// The connection that variables by their AWS names describe.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, NotSet> {
        let needed = |name| {
            variable(name)
                .filter(|value| !value.is_empty())
                .ok_or(NotSet(name))
        };
        Ok(Self {
            region: needed("AWS_REGION")?,
            endpoint: endpoint("AWS_ENDPOINT_URL_DYNAMODB", &variable),
            access_key_id: needed("AWS_ACCESS_KEY_ID")?,
            secret_access_key: needed("AWS_SECRET_ACCESS_KEY")?,
            session_token: variable("AWS_SESSION_TOKEN").filter(|token| !token.is_empty()),
        })
    }

    /// The emulator at `endpoint`, which takes any credentials.
    pub fn local(endpoint: &str) -> Self {
        Self {
            region: "us-east-1".into(),
            endpoint: Some(endpoint.into()),
            access_key_id: "local".into(),
            secret_access_key: "local".into(),
            session_token: None,
        }
    }

    /// The client for it.
    pub fn client(&self) -> Client {
        Client::from_conf(self.config().http_client(http_client()).build())
    }

    /// The client's configuration, but for how it speaks HTTP.
    ///
    /// Every time-out is set, since the SDK's only default is the one to connect: 0.5 s to connect, 1.2 s an attempt, 5 s in all.
    /// The SDK retries what transport and throttling cause; what cancels a transaction is retried by [`crate::Db`]. Every
    /// answer tells what it cost, for the [`meter`](crate::meter).
    pub fn config(&self) -> config::Builder {
        let credentials = Credentials::new(
            self.access_key_id.clone(),
            self.secret_access_key.clone(),
            self.session_token.clone(),
            None,
            "environment",
        );
        let mut config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .credentials_provider(credentials)
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(3)
                    .with_initial_backoff(Duration::from_millis(25))
                    .with_max_backoff(Duration::from_millis(400)),
            )
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_millis(500))
                    .operation_attempt_timeout(Duration::from_millis(1200))
                    .operation_timeout(Duration::from_secs(5))
                    .build(),
            )
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .interceptor(Metered);
        if let Some(endpoint) = &self.endpoint {
            config = config.endpoint_url(endpoint);
        }
        config
    }
}

fn http_client() -> SharedHttpClient {
    let builder = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
    match tls_context() {
        Some(context) => builder.tls_context(context).build_https(),
        None => builder.build_https(),
    }
}

/// A connector to other services of AWS, which trusts the same roots and waits so long for each step.
pub fn connector(patience: Duration) -> Connector {
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(Duration::from_millis(500))
        .read_timeout(patience);
    let builder = Connector::builder()
        .connector_settings(settings.build())
        .sleep_impl(TokioSleep::new())
        .tls_provider(Provider::Rustls(CryptoMode::Ring));
    match tls_context() {
        Some(context) => builder.tls_context(context).build(),
        None => builder.build(),
    }
}

/// Trust in Amazon's roots alone. Only a wrong certificate in this source could fail, and a test would say so; the system's
/// roots serve then.
fn tls_context() -> Option<TlsContext> {
    let roots = TrustStore::empty().with_pem_certificate(AMAZON_ROOTS);
    TlsContext::builder().with_trust_store(roots).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_services_own_or_that_of_all() {
        let of = |set: &[(&str, &str)]| {
            endpoint("AWS_ENDPOINT_URL_EVENTBRIDGE", |name| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, url)| (*url).to_owned())
            })
        };
        let own = ("AWS_ENDPOINT_URL_EVENTBRIDGE", "http://own");
        let all = ("AWS_ENDPOINT_URL", "http://all");
        let empty = ("AWS_ENDPOINT_URL_EVENTBRIDGE", "");
        assert_eq!(of(&[own, all]).as_deref(), Some("http://own"));
        assert_eq!(of(&[all]).as_deref(), Some("http://all"));
        assert_eq!(of(&[empty, all]).as_deref(), Some("http://all"));
        assert_eq!(of(&[empty]), None);
    }
}
