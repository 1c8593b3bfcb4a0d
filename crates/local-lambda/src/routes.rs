//! Which route answers a request, decided as an HTTP API does.

use std::collections::BTreeMap;

use http::Method;
use percent_encoding::percent_decode_str;

use crate::{Route, StartError};

/// The routes, ready to be matched.
#[derive(Debug)]
pub(crate) struct RouteTable(Vec<CompiledRoute>);

#[derive(Debug)]
struct CompiledRoute {
    method: Method,
    segments: Vec<Segment>,
    key: String,
    function: String,
}

/// One part of a path template.
#[derive(Debug)]
enum Segment {
    Static(String),
    Variable(String),
}

/// The route that answers a request.
#[derive(Debug, PartialEq)]
pub(crate) struct Match<'a> {
    /// For example `GET /orders/{order_id}`.
    pub(crate) route_key: &'a str,
    /// The function's name.
    pub(crate) function: &'a str,
    /// The variables of the path, percent-decoded.
    pub(crate) path_parameters: BTreeMap<String, String>,
}

impl RouteTable {
    /// Compiles `routes`; two that match the same requests are an error, as API Gateway says too.
    pub(crate) fn new(routes: &[Route]) -> Result<Self, StartError> {
        let mut compiled: Vec<CompiledRoute> = Vec::with_capacity(routes.len());
        for route in routes {
            let route = CompiledRoute::new(route)?;
            if let Some(first) = compiled.iter().find(|other| other.same_requests(&route)) {
                return Err(StartError::SameRoute {
                    first: first.key.clone(),
                    second: route.key,
                });
            }
            compiled.push(route);
        }
        // Most preferred first, so that the first match is the best one.
        compiled.sort_by_cached_key(|route| {
            route
                .segments
                .iter()
                .map(Segment::is_variable)
                .collect::<Vec<_>>()
        });
        Ok(Self(compiled))
    }

    /// Finds the route for a method and a path as it was sent, percent-encoded.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Option<Match<'_>> {
        let path: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        let route = self
            .0
            .iter()
            .find(|route| route.method == *method && route.matches(&path))?;
        Some(Match {
            route_key: &route.key,
            function: &route.function,
            path_parameters: route.path_parameters(&path),
        })
    }
}

impl CompiledRoute {
    fn new(route: &Route) -> Result<Self, StartError> {
        let invalid = || StartError::InvalidPath { route: route.key() };
        let path = route.path.strip_prefix('/').ok_or_else(invalid)?;
        Ok(Self {
            method: route.method.clone(),
            segments: path
                .split('/')
                .map(|segment| Segment::new(segment).ok_or_else(invalid))
                .collect::<Result<_, _>>()?,
            key: route.key(),
            function: route.function.clone(),
        })
    }

    fn same_requests(&self, other: &Self) -> bool {
        self.method == other.method
            && self.segments.len() == other.segments.len()
            && self
                .segments
                .iter()
                .zip(&other.segments)
                .all(|(a, b)| a.same_texts(b))
    }

    fn matches(&self, path: &[&str]) -> bool {
        self.segments.len() == path.len()
            && self
                .segments
                .iter()
                .zip(path)
                .all(|(segment, text)| segment.matches(text))
    }

    fn path_parameters(&self, path: &[&str]) -> BTreeMap<String, String> {
        self.segments
            .iter()
            .zip(path)
            .filter_map(|(segment, text)| match segment {
                Segment::Static(_) => None,
                Segment::Variable(name) => {
                    let value = percent_decode_str(text).decode_utf8_lossy().into_owned();
                    Some((name.clone(), value))
                }
            })
            .collect()
    }
}

impl Segment {
    fn new(text: &str) -> Option<Self> {
        let name = text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'));
        let plain = |text: &str| !text.contains(['{', '}', '+']);
        match name {
            Some(name) if !name.is_empty() && plain(name) => Some(Self::Variable(name.to_owned())),
            None if plain(text) => Some(Self::Static(text.to_owned())),
            _ => None,
        }
    }

    fn is_variable(&self) -> bool {
        matches!(self, Self::Variable(_))
    }

    fn matches(&self, text: &str) -> bool {
        match self {
            Self::Static(own) => own == text,
            Self::Variable(_) => !text.is_empty(),
        }
    }

    fn same_texts(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Static(a), Self::Static(b)) => a == b,
            (Self::Variable(_), Self::Variable(_)) => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(routes: &[(&str, &str)]) -> Result<RouteTable, StartError> {
        let route = |&(key, function): &(&str, &str)| {
            let (method, path) = key.split_once(' ').unwrap();
            Route::new(method.parse().unwrap(), path, function)
        };
        RouteTable::new(&routes.iter().map(route).collect::<Vec<_>>())
    }

    fn function<'a>(table: &'a RouteTable, method: Method, path: &str) -> Option<&'a str> {
        table.find(&method, path).map(|found| found.function)
    }

    #[test]
    fn a_static_segment_beats_a_variable_whatever_the_order() {
        let table = table(&[
            ("GET /users/{user_id}", "get-user"),
            ("GET /users/me", "get-profile"),
            ("GET /{kind}/me", "about-me"),
        ])
        .unwrap();
        assert_eq!(
            function(&table, Method::GET, "/users/me"),
            Some("get-profile")
        );
        assert_eq!(
            function(&table, Method::GET, "/users/usr_1"),
            Some("get-user")
        );
        assert_eq!(function(&table, Method::GET, "/carts/me"), Some("about-me"));
    }

    #[test]
    fn another_method_another_length_and_an_empty_variable_do_not_match() {
        let table = table(&[("GET /orders/{order_id}", "get-order"), ("GET /", "home")]).unwrap();
        assert_eq!(function(&table, Method::POST, "/orders/1"), None);
        for path in [
            "/orders",
            "/orders/",
            "/orders/1/",
            "/orders/1/payment",
            "*",
        ] {
            assert_eq!(function(&table, Method::GET, path), None, "{path}");
        }
        assert_eq!(function(&table, Method::GET, "/"), Some("home"));
    }

    #[test]
    fn path_parameters_are_percent_decoded_and_a_plus_stays_a_plus() {
        let table = table(&[("PUT /carts/{cart}/items/{item}", "put")]).unwrap();
        let found = table
            .find(&Method::PUT, "/carts/a%2Fb/items/caf%C3%A9+%ff")
            .unwrap();
        assert_eq!(found.route_key, "PUT /carts/{cart}/items/{item}");
        assert_eq!(found.path_parameters["cart"], "a/b");
        assert_eq!(found.path_parameters["item"], "café+\u{fffd}");
    }

    #[test]
    fn routes_that_match_the_same_requests_are_refused() {
        let same = table(&[("GET /a/{x}", "f"), ("GET /a/{y}", "g")]);
        assert!(matches!(same, Err(StartError::SameRoute { .. })));
    }

    #[test]
    fn a_path_that_is_no_template_is_refused() {
        for key in [
            "GET orders",
            "GET /{proxy+}",
            "GET /a{b}",
            "GET /{}",
            "GET /{a",
        ] {
            assert!(
                matches!(table(&[(key, "f")]), Err(StartError::InvalidPath { .. })),
                "{key}"
            );
        }
    }
}
