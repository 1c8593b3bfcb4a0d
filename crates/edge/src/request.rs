//! A request, and what an operation reads from it beside its body.

use std::{
    marker::PhantomData,
    net::IpAddr,
    ops::Deref,
    time::{Duration, SystemTime},
};

use lambda_http::{Context, RequestExt};

use crate::HttpRequest;

/// A request to an operation, whose [body](crate::body()) is to be a `B`. Of one that takes no body, whatever comes as
/// one is left alone.
///
/// The type is what the OpenAPI document knows the body by.
pub struct Request<B = ()> {
    http: HttpRequest,
    body: PhantomData<fn() -> B>,
}

impl<B> Request<B> {
    /// The request, whose body is to be a `B`.
    pub fn new(http: HttpRequest) -> Self {
        let body = PhantomData;
        Self { http, body }
    }
}

impl<B> Deref for Request<B> {
    type Target = HttpRequest;

    fn deref(&self) -> &HttpRequest {
        &self.http
    }
}

/// The address a request came from, as API Gateway saw it.
#[derive(Clone, Copy)]
pub(crate) struct SourceIp(pub IpAddr);

/// The part `name` of the route's path; empty if there is none, which can't be an id.
pub fn path_id<'a>(request: &'a HttpRequest, name: &str) -> &'a str {
    request
        .path_parameters_ref()
        .and_then(|parameters| parameters.first(name))
        .unwrap_or_default()
}

/// The address a request came from, as API Gateway saw it. Headers have no say in it.
pub fn source_ip(request: &HttpRequest) -> Option<IpAddr> {
    request.extensions().get().map(|SourceIp(ip)| *ip)
}

/// The time left until Lambda ends this invocation, if it is known.
///
/// Local stand-ins may give a deadline that makes no sense; such a one is unknown.
pub(crate) fn deadline(context: &Context) -> Option<Duration> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    remaining(context.deadline, now.ok()?)
}

/// The longest that Lambda lets a function run.
const LONGEST: Duration = Duration::from_secs(15 * 60);

fn remaining(deadline_millis: u64, now: Duration) -> Option<Duration> {
    Duration::from_millis(deadline_millis)
        .checked_sub(now)
        .filter(|left| !left.is_zero() && *left <= LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::event;

    #[test]
    fn an_absurd_deadline_is_unknown() {
        let now = Duration::from_secs(1_795_388_221);
        let millis = 1_795_388_221_000;
        let second = Some(Duration::from_secs(1));
        assert_eq!(remaining(millis + 1000, now), second);
        assert_eq!(remaining(millis + 900_000, now), Some(LONGEST));
        for absurd in [0, 60_000, millis - 1, millis, millis + 900_001, u64::MAX] {
            assert_eq!(remaining(absurd, now), None, "{absurd}");
        }
    }

    #[test]
    fn a_part_of_the_path_that_is_not_there_is_empty() {
        let request = event().path_parameter("order_id", "ord_1").request();
        assert_eq!(path_id(&request, "order_id"), "ord_1");
        assert_eq!(path_id(&request, "product_id"), "");
        assert_eq!(path_id(&event().request(), "order_id"), "");
    }

    #[test]
    fn the_source_is_what_api_gateway_saw() {
        let request = event().header("X-Forwarded-For", "6.6.6.6").request();
        assert_eq!(source_ip(&request), Some(IpAddr::from([192, 0, 2, 1])));
    }
}
