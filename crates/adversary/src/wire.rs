//! Between a client and the server: the SDK's HTTP client, on which requests and replies are late, lost or doubled.

use std::{fmt, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use futures_util::FutureExt as _;
use serde::Serialize;
use serde_json::Value;
use tokio::{sync::oneshot, time::sleep};

use crate::{
    engine::Answer,
    fate::{Fate, Meddling, Sent},
    server::{Visit, lock},
    world::Inner,
};

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

/// What the journal says of a request.
#[derive(Serialize)]
struct Sends<'a> {
    operation: &'a str,
    body: &'a Value,
    fate: &'a Fate,
}

/// What the journal says of an answer.
#[derive(Serialize)]
struct Served<'a> {
    operation: &'a str,
    status: u16,
    body: Option<&'a Value>,
}

impl Wire {
    /// Sends a request and waits for the reply; `None` when there will be none.
    async fn carry(&self, operation: &Arc<str>, body: Value) -> Option<Answer> {
        let (world, fate) = (&self.world, self.fate(operation, &body));
        let sends = Sends {
            operation,
            body: &body,
            fate: &fate,
        };
        world.note(&self.process, "sends", sends);
        let (reply, replied) = oneshot::channel();
        if let Some(after) = fate.again {
            let again = self.clone();
            let again = again.arrive(operation.clone(), body.clone(), after, fate.clone());
            self.spawn(async move {
                again.await;
            });
        }
        let first = self
            .clone()
            .arrive(operation.clone(), body, fate.there, fate.clone());
        // The server's half goes on whatever becomes of the client.
        self.spawn(async move {
            let mut answer = None;
            if !fate.request_lost {
                answer = Some(first.await);
            } else if fate.answer.is_some() {
                sleep(fate.there).await;
            }
            sleep(fate.back).await;
            if let Some(answer) = fate.answer.or(answer).filter(|_| !fate.reply_lost) {
                // Nobody may be waiting any more.
                let _ = reply.send(answer);
            }
        });
        replied.await.ok()
    }

    /// What breaks in the world itself is none of the faults that clients must live with, so it is kept.
    fn spawn(&self, going_on: impl Future<Output = ()> + Send + 'static) {
        let world = self.world.clone();
        tokio::spawn(async move {
            if let Err(panic) = AssertUnwindSafe(going_on).catch_unwind().await {
                let text = panic.downcast_ref::<String>().cloned();
                let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
                lock(&world.broken).get_or_insert(text.unwrap_or_else(|| "it panicked".to_owned()));
            }
        });
    }

    fn fate(&self, operation: &str, body: &Value) -> Fate {
        let fate = self.world.fate(operation);
        let sent = Sent {
            process: &self.process,
            operation,
            body,
        };
        match self.world.meddle(&sent) {
            Some(meddling) => {
                if matches!(meddling, Meddling::Refuse(..)) {
                    lock(&self.world.server.meter).refused += 1;
                }
                fate.meddled(meddling)
            }
            None => fate,
        }
    }

    /// The request at the server, this much later.
    async fn arrive(self, operation: Arc<str>, body: Value, after: Duration, fate: Fate) -> Answer {
        sleep(after).await;
        let world = &self.world;
        let visit = Visit {
            operation: &operation,
            faults: &world.faults(),
            fate: &fate,
        };
        let answer = world.server.serve(&visit, body).await;
        let served = Served {
            operation: &operation,
            status: answer.status,
            // What is answered about a table as such has random ids in it.
            body: Some(&answer.body).filter(|body| body["TableDescription"].is_null()),
        };
        world.note(&self.process, "is served", served);
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
