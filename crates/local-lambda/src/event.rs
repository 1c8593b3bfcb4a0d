//! The event a function gets for an HTTP request: API Gateway's payload format 2.0.
//!
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use std::{collections::BTreeMap, net::SocketAddr, time::SystemTime};

use http::{HeaderMap, request::Parts};
use serde::Serialize;
use time::{OffsetDateTime, format_description::FormatItem, macros::format_description};

use crate::{body, ids, routes::Match};

/// The time as access logs write it, for example `22/Nov/2026:22:57:01 +0000`.
const LOG_TIME: &[FormatItem<'_>] =
    format_description!("[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000");

/// One HTTP request, as the front received it.
pub(crate) struct Received<'a> {
    pub(crate) parts: &'a Parts,
    pub(crate) body: &'a [u8],
    pub(crate) peer: SocketAddr,
    /// The port of the front itself.
    pub(crate) port: u16,
    pub(crate) request_id: &'a str,
    pub(crate) trace_id: &'a str,
    pub(crate) at: SystemTime,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event<'a> {
    version: &'static str,
    route_key: &'a str,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query_string_parameters: BTreeMap<String, String>,
    request_context: RequestContext<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    path_parameters: &'a BTreeMap<String, String>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    account_id: &'static str,
    api_id: &'static str,
    domain_name: String,
    domain_prefix: String,
    http: Http<'a>,
    request_id: &'a str,
    route_key: &'a str,
    stage: &'static str,
    time: String,
    time_epoch: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    method: &'a str,
    path: &'a str,
    protocol: String,
    source_ip: String,
    user_agent: String,
}

impl<'a> Event<'a> {
    /// The event for a request that a route matched.
    pub(crate) fn new(received: &Received<'a>, found: &'a Match<'a>) -> Self {
        let uri = &received.parts.uri;
        let raw_query_string = uri.query().unwrap_or_default();
        let mut headers = joined_headers(&received.parts.headers);
        let cookies = headers
            .remove("cookie")
            .map(|line| split_cookies(&line))
            .unwrap_or_default();
        let request_context = RequestContext::new(received, found.route_key, &headers);
        add_gateway_headers(&mut headers, received);
        let (body, is_base64_encoded) = body::encoded(&received.parts.headers, received.body);
        Self {
            version: "2.0",
            route_key: found.route_key,
            raw_path: uri.path(),
            raw_query_string,
            cookies,
            headers,
            query_string_parameters: joined_query(raw_query_string),
            request_context,
            body,
            path_parameters: &found.path_parameters,
            is_base64_encoded,
        }
    }
}

impl<'a> RequestContext<'a> {
    fn new(
        received: &Received<'a>,
        route_key: &'a str,
        headers: &BTreeMap<String, String>,
    ) -> Self {
        let header = |name: &str| headers.get(name).cloned().unwrap_or_default();
        let host = header("host");
        let domain_name = host
            .rsplit_once(':')
            .map_or(host.as_str(), |(name, _)| name)
            .to_owned();
        Self {
            account_id: "123456789012",
            api_id: "local",
            domain_prefix: domain_name.split('.').next().unwrap_or_default().to_owned(),
            domain_name,
            http: Http {
                method: received.parts.method.as_str(),
                path: received.parts.uri.path(),
                protocol: format!("{:?}", received.parts.version),
                source_ip: received.peer.ip().to_string(),
                user_agent: header("user-agent"),
            },
            request_id: received.request_id,
            route_key,
            stage: "$default",
            time: OffsetDateTime::from(received.at)
                .format(LOG_TIME)
                .unwrap_or_default(),
            time_epoch: ids::epoch_millis(received.at),
        }
    }
}

/// Names in lower case (the `http` crate has done that), values of one name joined with commas.
fn joined_headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut joined = BTreeMap::new();
    for (name, value) in headers {
        join(
            &mut joined,
            name.as_str(),
            &String::from_utf8_lossy(value.as_bytes()),
        );
    }
    joined
}

/// Names and values decoded, values of one name joined with commas.
fn joined_query(query: &str) -> BTreeMap<String, String> {
    let mut joined = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        join(&mut joined, &name, &value);
    }
    joined
}

fn join(joined: &mut BTreeMap<String, String>, name: &str, value: &str) {
    joined
        .entry(name.to_owned())
        .and_modify(|before| {
            before.push(',');
            before.push_str(value);
        })
        .or_insert_with(|| value.to_owned());
}

/// Several `cookie` headers arrive joined with a comma, the cookies of one with a semicolon.
fn split_cookies(line: &str) -> Vec<String> {
    let cookies = line
        .split([';', ','])
        .map(str::trim)
        .filter(|cookie| !cookie.is_empty());
    cookies.map(str::to_owned).collect()
}

/// What the gateway says of the connection. A client can lengthen the chain of addresses, not end it.
fn add_gateway_headers(headers: &mut BTreeMap<String, String>, received: &Received<'_>) {
    join(headers, "x-forwarded-for", &received.peer.ip().to_string());
    headers.insert("x-forwarded-port".to_owned(), received.port.to_string());
    headers.insert("x-forwarded-proto".to_owned(), "http".to_owned());
    headers.insert("x-amzn-trace-id".to_owned(), received.trace_id.to_owned());
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use http::{Method, Request};
    use serde_json::{Value, json};

    use super::*;
    use crate::{Route, routes::RouteTable};

    fn event(request: Request<&[u8]>) -> Value {
        let routes = [
            Route::new(Method::POST, "/orders/{order_id}/payment", "pay-order"),
            Route::new(Method::GET, "/products", "list-products"),
        ];
        let table = RouteTable::new(&routes).unwrap();
        let (parts, body) = request.into_parts();
        let received = Received {
            parts: &parts,
            body,
            peer: "127.0.0.9:40000".parse().unwrap(),
            port: 8080,
            request_id: "request-1",
            trace_id: "Root=1-a-b",
            at: UNIX_EPOCH + Duration::from_millis(1_795_388_221_042),
        };
        let found = table.find(&parts.method, parts.uri.path()).unwrap();
        serde_json::to_value(Event::new(&received, &found)).unwrap()
    }

    #[test]
    fn the_whole_event_of_a_request_is_as_api_gateway_writes_it() {
        let request = Request::post("/orders/ord%2F1/payment?a=1&b=x%20y&a=2&c")
            .header("Host", "shop.example:8080")
            .header("User-Agent", "curl/8")
            .header("Content-Type", "Application/JSON; charset=utf-8")
            .header("X-Tag", "one")
            .header("X-Tag", "two")
            .header("X-Forwarded-For", "203.0.113.7")
            .header("Cookie", "session=abc; theme=dark")
            .header("Cookie", "lang=en")
            .body(&br#"{"method":"card"}"#[..])
            .unwrap();
        assert_eq!(
            event(request),
            json!({
                "version": "2.0",
                "routeKey": "POST /orders/{order_id}/payment",
                "rawPath": "/orders/ord%2F1/payment",
                "rawQueryString": "a=1&b=x%20y&a=2&c",
                "cookies": ["session=abc", "theme=dark", "lang=en"],
                "headers": {
                    "host": "shop.example:8080",
                    "user-agent": "curl/8",
                    "content-type": "Application/JSON; charset=utf-8",
                    "x-tag": "one,two",
                    "x-forwarded-for": "203.0.113.7,127.0.0.9",
                    "x-forwarded-port": "8080",
                    "x-forwarded-proto": "http",
                    "x-amzn-trace-id": "Root=1-a-b",
                },
                "queryStringParameters": {"a": "1,2", "b": "x y", "c": ""},
                "requestContext": {
                    "accountId": "123456789012",
                    "apiId": "local",
                    "domainName": "shop.example",
                    "domainPrefix": "shop",
                    "http": {
                        "method": "POST",
                        "path": "/orders/ord%2F1/payment",
                        "protocol": "HTTP/1.1",
                        "sourceIp": "127.0.0.9",
                        "userAgent": "curl/8",
                    },
                    "requestId": "request-1",
                    "routeKey": "POST /orders/{order_id}/payment",
                    "stage": "$default",
                    "time": "22/Nov/2026:22:57:01 +0000",
                    "timeEpoch": 1_795_388_221_042_u64,
                },
                "body": "{\"method\":\"card\"}",
                "pathParameters": {"order_id": "ord/1"},
                "isBase64Encoded": false,
            })
        );
    }

    #[test]
    fn what_a_request_does_not_have_is_absent() {
        let event = event(Request::get("/products").body(&b""[..]).unwrap());
        for member in ["cookies", "queryStringParameters", "pathParameters", "body"] {
            assert_eq!(event.get(member), None, "{member}");
        }
        assert_eq!(event["rawQueryString"], "");
        assert_eq!(event["isBase64Encoded"], false);
    }
}
