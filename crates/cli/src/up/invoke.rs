//! Invoking functions through `cargo lambda watch`, as the AWS SDK would.

use std::{sync::Arc, time::Duration};

use local_shop::{Operation, Shop};
use serde_json::{Value, json};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::error::Failure;

/// Functions that are warmed at a time.
const AT_ONCE: usize = 4;
/// What a schedule starts so often is warmed as well.
const OFTEN: Duration = Duration::from_secs(60);

/// Invokes functions by name.
#[derive(Clone)]
pub struct Invoker {
    client: reqwest::Client,
    url: String,
}

impl Invoker {
    /// At a `cargo lambda watch` that listens here.
    pub fn new(url: &str) -> Self {
        Self {
            client: reqwest::Client::new(),
            url: url.to_owned(),
        }
    }

    /// Invokes a function with an event; its answer.
    pub async fn invoke(&self, operation: &str, event: &Value) -> Result<Value, Failure> {
        let failed = |reason: String| Failure::NotInvoked {
            operation: operation.into(),
            reason,
        };
        let url = format!("{}/2015-03-31/functions/{operation}/invocations", self.url);
        let request = self
            .client
            .post(url)
            .timeout(Duration::from_secs(60))
            .json(event);
        let answer = request
            .send()
            .await
            .map_err(|error| failed(error.to_string()))?;
        let (status, has_failed) = (
            answer.status(),
            answer.headers().contains_key("x-amz-function-error"),
        );
        let text = answer
            .text()
            .await
            .map_err(|error| failed(error.to_string()))?;
        if has_failed || !status.is_success() {
            let short: String = text.chars().take(300).collect();
            return Err(failed(format!("{status} {short}")));
        }
        // A function may answer nothing at all.
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Starts an instance of every function, with an event that has no effect. One that a schedule seldom starts has time to
    /// start then.
    pub async fn warm(&self, shop: &Shop) -> Result<(), Failure> {
        let (places, mut warming) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
        let is_seldom = |it: &&Operation| it.every().is_some_and(|rate| rate > OFTEN);
        for operation in shop.operations().filter(|it| !is_seldom(it)) {
            let (invoker, places) = (self.clone(), places.clone());
            let (name, event) = (operation.name.clone(), harmless(operation));
            warming.spawn(async move {
                let _place = places.acquire_owned().await;
                invoker.invoke(&name, &event).await
            });
        }
        while let Some(warmed) = warming.join_next().await {
            match warmed {
                Ok(answered) => answered.map(drop)?,
                Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
            }
        }
        Ok(())
    }
}

/// A request that is refused before it is read, records of nothing, or a run that finds nothing to do.
fn harmless(operation: &Operation) -> Value {
    match (&operation.route, &operation.stream) {
        (Some(_), _) => {
            json!({"version": "2.0", "routeKey": "$default", "rawPath": "/", "rawQueryString": "",
            "headers": {}, "isBase64Encoded": false, "requestContext": {"http": {"method": "GET", "path": "/"}}})
        }
        (None, Some(_)) => json!({"Records": []}),
        (None, None) => crate::sync::event::schedule(&operation.name, crate::project::SHOP),
    }
}
