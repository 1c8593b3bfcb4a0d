//! A client that behaves as the contract asks: it repeats what the shop was too busy for, under the same key.

use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use reqwest::{
    Method, Url,
    header::{HeaderMap, RETRY_AFTER},
};
use serde_json::Value;

use crate::error::{Failure, chain};

/// The longest that a request may take; the gateway gives up after 30 s.
const PATIENCE: Duration = Duration::from_secs(40);
/// How often one call is sent at most.
const TRIES: u32 = 5;
/// The longest that the shop may ask to wait before the next try.
const LONGEST_WAIT: u64 = 5;

/// Sends calls to one shop.
pub struct Client {
    http: reqwest::Client,
    url: String,
}

/// A request that is being made up.
#[derive(Clone)]
#[must_use]
pub struct Call {
    method: Method,
    route: &'static str,
    path: String,
    token: Option<String>,
    key: Option<String>,
    body: Option<Value>,
}

/// The answer to a call.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
    /// From the first try to the end of the last one's answer.
    pub took: Duration,
    /// How often the call was sent.
    pub tries: u32,
}

impl Client {
    /// A client of the shop at this address.
    pub fn new(url: &str) -> Result<Self, Failure> {
        let wrong = || Failure::NotAnAddress(url.to_owned());
        let parsed = Url::parse(url).map_err(|_| wrong())?;
        if parsed.scheme() == "https" {
            return Err(Failure::Https(url.to_owned()));
        }
        if parsed.scheme() != "http" || parsed.host_str().is_none() {
            return Err(wrong());
        }
        // A shop is called directly: a proxy for the outside world does not know this machine's ports.
        let mut http = reqwest::Client::builder().timeout(PATIENCE).no_proxy();
        // Names under .localhost are this machine's (RFC 6761), which few resolvers know.
        if let (Some(host), Some(port)) = (parsed.host_str(), parsed.port_or_known_default())
            && host.ends_with(".localhost")
        {
            http = http.resolve(host, (Ipv4Addr::LOCALHOST, port).into());
        }
        let http = http.build().map_err(|_| wrong())?;
        let url = url.trim_end_matches('/').to_owned();
        Ok(Self { http, url })
    }

    /// Sends a call until the shop is not too busy for it.
    pub async fn send(&self, call: &Call) -> Result<Answer, Failure> {
        let begun = Instant::now();
        let mut tries = 1;
        loop {
            let answer = self.send_once(call).await;
            let (status, headers, text) = answer.map_err(|error| Failure::NoAnswer {
                url: self.url.clone(),
                call: call.to_string(),
                reason: chain(&error.without_url()),
            })?;
            let answer = Answer {
                status,
                headers,
                text,
                took: begun.elapsed(),
                tries,
            };
            match answer.wait_before_repeat(call) {
                Some(wait) if tries < TRIES => tokio::time::sleep(wait).await,
                _ => return Ok(answer),
            }
            tries += 1;
        }
    }

    async fn send_once(&self, call: &Call) -> reqwest::Result<(u16, HeaderMap, String)> {
        let url = format!("{}{}", self.url, call.path);
        let mut request = self.http.request(call.method.clone(), url);
        if let Some(token) = &call.token {
            request = request.bearer_auth(token);
        }
        if let Some(key) = &call.key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = &call.body {
            request = request.json(body);
        }
        let answer = request.send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Ok((status, headers, answer.text().await?))
    }
}

impl Call {
    fn new(method: Method, route: &'static str) -> Self {
        Self {
            method,
            route,
            path: route.to_owned(),
            token: None,
            key: None,
            body: None,
        }
    }

    /// `GET` of a route.
    pub fn get(route: &'static str) -> Self {
        Self::new(Method::GET, route)
    }

    /// `POST` to a route.
    pub fn post(route: &'static str) -> Self {
        Self::new(Method::POST, route)
    }

    /// `PUT` to a route.
    pub fn put(route: &'static str) -> Self {
        Self::new(Method::PUT, route)
    }

    /// `DELETE` of a route.
    pub fn delete(route: &'static str) -> Self {
        Self::new(Method::DELETE, route)
    }

    /// With this id in the place of the route's parameter.
    pub fn of(mut self, id: &str) -> Self {
        if let (Some(from), Some(to)) = (self.path.find('{'), self.path.find('}')) {
            self.path.replace_range(from..=to, id);
        }
        self
    }

    /// With this query.
    pub fn query(mut self, query: &str) -> Self {
        self.path = format!("{}?{query}", self.path);
        self
    }

    /// With this access token.
    pub fn by(self, token: &str) -> Self {
        let token = Some(token.to_owned());
        Self { token, ..self }
    }

    /// With this Idempotency-Key.
    pub fn key(self, key: &str) -> Self {
        let key = Some(key.to_owned());
        Self { key, ..self }
    }

    /// With this body.
    pub fn json(self, body: Value) -> Self {
        let body = Some(body);
        Self { body, ..self }
    }

    /// Its method.
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// Its route, parameters by their names.
    pub fn route(&self) -> &'static str {
        self.route
    }
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.route)
    }
}

impl Answer {
    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// What a problem's type ends in.
    pub fn slug(&self) -> Option<String> {
        let body = self.json();
        let slug = body["type"].as_str()?.strip_prefix("/problems/")?;
        Some(slug.to_owned())
    }

    fn wait_before_repeat(&self, call: &Call) -> Option<Duration> {
        let slug = self.slug()?;
        // Without a key, a repeat could do a second time what may have happened.
        let again = slug == "busy" || (slug == "outcome-unknown" && call.key.is_some());
        let asked = self.headers.get(RETRY_AFTER);
        let asked = asked.and_then(|seconds| seconds.to_str().ok()?.parse().ok());
        again.then(|| Duration::from_secs(asked.unwrap_or(1).min(LONGEST_WAIT)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(slug: &str, retry_after: Option<&str>) -> Answer {
        let mut headers = HeaderMap::new();
        if let Some(seconds) = retry_after {
            headers.insert(RETRY_AFTER, seconds.parse().unwrap());
        }
        Answer {
            status: 503,
            headers,
            text: format!(r#"{{"type":"/problems/{slug}"}}"#),
            took: Duration::ZERO,
            tries: 1,
        }
    }

    #[test]
    fn an_id_takes_the_parameters_place_and_the_route_keeps_it() {
        let call = Call::get("/products/{product_id}/stock")
            .of("mug")
            .query("limit=1");
        assert_eq!(call.path, "/products/mug/stock?limit=1");
        assert_eq!(call.to_string(), "GET /products/{product_id}/stock");
    }

    #[test]
    fn what_a_busy_shop_refused_is_repeated_and_what_may_have_happened_only_under_a_key() {
        let (plain, keyed) = (Call::post("/orders"), Call::post("/orders").key("k"));
        let wait = |answer: Answer, call| answer.wait_before_repeat(call).map(|w| w.as_secs());
        assert_eq!(wait(answer("busy", Some("2")), &plain), Some(2));
        assert_eq!(
            wait(answer("busy", Some("3600")), &plain),
            Some(LONGEST_WAIT)
        );
        assert_eq!(wait(answer("outcome-unknown", None), &plain), None);
        assert_eq!(wait(answer("outcome-unknown", None), &keyed), Some(1));
        assert_eq!(wait(answer("out-of-stock", None), &keyed), None);
    }

    #[test]
    fn only_http_addresses_are_a_shops() {
        for wrong in ["", "localhost:9000", "http://"] {
            let refused = Client::new(wrong);
            assert!(matches!(refused, Err(Failure::NotAnAddress(_))), "{wrong}");
        }
        let refused = Client::new("https://shop.example");
        assert!(matches!(refused, Err(Failure::Https(_))));
        assert_eq!(
            Client::new("http://127.0.0.1:9000/").unwrap().url,
            "http://127.0.0.1:9000"
        );
    }
}
