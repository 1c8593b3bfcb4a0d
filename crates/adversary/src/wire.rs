//! Between a client and the server: the SDK's HTTP client, on which requests and replies are late, lost or doubled.

use std::{fmt, sync::Arc};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};
use tokio::{sync::oneshot, time::sleep};

use crate::{engine::Answer, world::Inner};

/// The wire of one process.
#[derive(Clone)]
pub(crate) struct Wire {
    pub(crate) world: Arc<Inner>,
    /// Whose it is, for the journal.
    pub(crate) process: Arc<str>,
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wire({})", self.process)
    }
}

impl HttpClient for Wire {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation: Arc<str> = target.rsplit('.').next().unwrap_or_default().into();
        let body = request.body().bytes().unwrap_or_default();
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let wire = self.clone();
        HttpConnectorFuture::new(async move {
            match wire.carry(&operation, body).await {
                Some(answer) => Ok(response(&answer)),
                // The reply was lost. Only the client's own patience ends this.
                None => std::future::pending().await,
            }
        })
    }
}

impl Wire {
    /// Sends a request and waits for the reply; `None` when there will be none.
    async fn carry(&self, operation: &Arc<str>, body: Value) -> Option<Answer> {
        let (world, fate) = (&self.world, self.world.fate(operation));
        let request = json!({"operation": &**operation, "body": &body, "fate": fate.to_string()});
        world.note(&self.process, "sends", request);
        if fate.server_error {
            sleep(fate.there + fate.back).await;
            let answer = Answer::error(500, "InternalServerError", "simulated");
            return Some(answer);
        }
        let (reply, replied) = oneshot::channel();
        let first = self
            .clone()
            .arrive(operation.clone(), body.clone(), fate.there, fate.lag);
        let (request_lost, reply_lost, back) = (fate.request_lost, fate.reply_lost, fate.back);
        // The server's half goes on whatever becomes of the client.
        tokio::spawn(async move {
            if request_lost {
                return;
            }
            let answer = first.await;
            sleep(back).await;
            if !reply_lost {
                // Nobody may be waiting any more.
                let _ = reply.send(answer);
            }
        });
        if let Some(after) = fate.again {
            let again = self
                .clone()
                .arrive(operation.clone(), body, after, fate.lag);
            tokio::spawn(again);
        }
        replied.await.ok()
    }

    /// The request at the server, this much later.
    async fn arrive(
        self,
        operation: Arc<str>,
        body: Value,
        after: std::time::Duration,
        lag: std::time::Duration,
    ) -> Answer {
        sleep(after).await;
        let world = &self.world;
        let faults = world.faults();
        let now = || world.elapsed();
        let answer = world
            .server
            .serve(&operation, body, &faults, now, lag)
            .await;
        // What is answered about a table as such has random ids in it.
        let body = Some(&answer.body).filter(|body| body["TableDescription"].is_null());
        let outcome = json!({"operation": &*operation, "status": answer.status, "body": body});
        world.note(&self.process, "is served", outcome);
        answer
    }
}

fn response(answer: &Answer) -> HttpResponse {
    let status = answer.status.try_into().unwrap_or_else(|_| {
        // Every status the server gives is one.
        unreachable!("no status: {}", answer.status)
    });
    let mut response = HttpResponse::new(status, SdkBody::from(answer.body.to_string()));
    response
        .headers_mut()
        .insert("content-type", "application/x-amz-json-1.0");
    if !answer.is_ok() {
        response
            .headers_mut()
            .insert("x-amzn-errortype", answer.error_name().to_owned());
    }
    response
}
