use std::net::IpAddr;

use local_lambda::{LocalLambda, Route, StartError};
use reqwest::{Client, Method};
use serde_json::json;

use crate::support::{client, gateways_own, post, probe, probe_that, read, start};

#[tokio::test]
async fn a_request_reaches_its_function_as_an_event_and_comes_back_as_a_response() {
    let lambda = start(probe()).await;
    // Only Linux has the whole of 127.0.0.0/8 without being told.
    let source = IpAddr::from([127, 0, 0, if cfg!(target_os = "linux") { 2 } else { 1 }]);
    let client = Client::builder()
        .no_proxy()
        .local_address(source)
        .build()
        .unwrap();
    let url = format!("{}/probe/a%20b?x=1&x=2", lambda.url());
    let response = client
        .get(url)
        .header("cookie", "a=1; b=2")
        .send()
        .await
        .unwrap();
    assert!(response.headers().contains_key("apigw-requestid"));
    assert_eq!(response.headers()["content-type"], "application/json");
    let (status, event) = read(response).await;
    assert_eq!(status, 200);
    assert_eq!(event["routeKey"], "GET /probe/{id}");
    assert_eq!(event["rawPath"], "/probe/a%20b");
    assert_eq!(event["pathParameters"], json!({"id": "a b"}));
    assert_eq!(event["queryStringParameters"], json!({"x": "1,2"}));
    assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
    assert_eq!(
        event["requestContext"]["http"]["sourceIp"],
        source.to_string()
    );
    lambda.shutdown().await;
}

#[tokio::test]
async fn what_no_route_matches_is_the_gateways_404() {
    let lambda = start(probe()).await;
    for request in [
        client().get(format!("{}/elsewhere", lambda.url())),
        client().put(format!("{}/probe", lambda.url())),
    ] {
        let answer = read(request.send().await.unwrap()).await;
        assert_eq!(answer, gateways_own(404, "Not Found"));
    }
    assert_eq!(lambda.started("probe"), 0);
}

#[tokio::test]
async fn a_body_beyond_ten_megabytes_is_the_gateways_413() {
    let lambda = start(probe()).await;
    let send = async |size: usize| {
        let request = client()
            .post(format!("{}/probe", lambda.url()))
            .body(vec![b'x'; size]);
        request.send().await.unwrap()
    };
    let answer = read(send(10 * 1024 * 1024 + 1).await).await;
    assert_eq!(answer, gateways_own(413, "Request Entity Too Large"));
    assert_eq!(lambda.started("probe"), 0);
}

#[tokio::test]
async fn an_error_and_an_answer_too_large_are_the_gateways_500() {
    let lambda = start(probe()).await;
    for command in ["fail", "large"] {
        let answer = read(post(&lambda, json!({"do": command})).await).await;
        assert_eq!(
            answer,
            gateways_own(500, "Internal Server Error"),
            "{command}"
        );
    }
    assert_eq!(
        lambda.started("probe"),
        1,
        "the process lives on after both"
    );
}

#[tokio::test]
async fn a_streamed_response_arrives_whole() {
    let lambda = start(probe_that("streams")).await;
    let response = post(&lambda, json!({})).await;
    assert_eq!(response.status(), 202);
    assert_eq!(response.headers()["x-probe"], "streamed");
    assert_eq!(response.text().await.unwrap(), "one two three");
}

#[tokio::test]
async fn mistakes_in_functions_and_routes_are_found_before_anything_starts() {
    let refused = async |functions: Vec<local_lambda::Function>, functions_of_routes: &[&str]| {
        let routes = functions_of_routes
            .iter()
            .map(|name| Route::new(Method::GET, "/a", *name));
        LocalLambda::start(functions, routes).await.unwrap_err()
    };
    let mut missing = probe();
    missing.binary = "/nowhere".into();
    let mut none = probe();
    none.max_instances = 0;
    assert!(matches!(
        refused(vec![missing], &[]).await,
        StartError::MissingBinary { .. }
    ));
    assert!(matches!(
        refused(vec![none], &[]).await,
        StartError::NoInstances { .. }
    ));
    let twice = refused(vec![probe(), probe()], &[]).await;
    assert!(matches!(twice, StartError::DuplicateFunction { .. }));
    let unknown = refused(vec![probe()], &["other"]).await;
    assert!(matches!(unknown, StartError::UnknownFunction { .. }));
    let same = refused(vec![probe()], &["probe", "probe"]).await;
    assert_eq!(
        same.to_string(),
        "the routes GET /a and GET /a match the same requests: remove one"
    );
}
