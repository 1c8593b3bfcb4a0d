//! Calls to DynamoDB that pass through this process on their way.

use axum::{
    Router,
    body::{Body, Bytes},
    http::HeaderMap,
    response::Response,
    serve::ListenerExt,
};
use tokio::{net::TcpListener, task::JoinHandle};

/// A server in this process, on a port of the system's choice. Ends when dropped.
pub struct Relay {
    endpoint: String,
    server: JoinHandle<()>,
}

impl Relay {
    /// Its address.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Serves these routes.
pub async fn serve(routes: Router) -> Relay {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    // An answer is sent at once, and does not wait for more to send with it.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    Relay { endpoint, server }
}

/// Carries a call on to this address. The answer, if one comes.
pub async fn carry(
    client: &reqwest::Client,
    to: &str,
    headers: &HeaderMap,
    body: Bytes,
) -> Option<Response> {
    let mut call = client.post(to).body(body);
    for name in [
        "x-amz-target",
        "content-type",
        "authorization",
        "x-amz-date",
    ] {
        if let Some(value) = headers.get(name) {
            call = call.header(name, value);
        }
    }
    let answer = call.send().await.ok()?;
    let mut back = Response::builder().status(answer.status());
    for name in ["content-type", "x-amz-crc32", "x-amzn-requestid"] {
        if let Some(value) = answer.headers().get(name) {
            back = back.header(name, value);
        }
    }
    let bytes = answer.bytes().await.ok()?;
    Some(back.body(Body::from(bytes)).unwrap())
}

/// No answer of DynamoDB's.
pub fn nothing() -> Response {
    let gone = Response::builder().status(500).body(Body::empty());
    gone.unwrap()
}
