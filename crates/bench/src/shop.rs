//! A shop inside this process: a DynamoDB in memory, and operations that are called as Lambda would call them.

use std::error::Error;

use edge::{Problem, Request, Response, Service, Settings};
use lambda_http::Context;
use local_shop::{
    DynamoDb, Keys, Shop as Template, Workspace, dynamodb::Storage, environment, tables,
};
use serde_json::{Value, json};

/// The shop's name.
pub const NAME: &str = "oxcart-bench";

/// A shop with nothing in it at first.
pub struct Shop {
    /// What the templates describe.
    pub template: Template,
    /// Its database.
    pub dynamodb: DynamoDb,
    /// Its keys.
    pub keys: Keys,
}

impl Shop {
    /// Opens one with these limits on how often something may be tried; those that are not named are as usual.
    pub async fn open(limits: &str) -> Result<Self, Box<dyn Error>> {
        let infra = Workspace::find(&std::env::current_dir()?)?.infra();
        let keys = Keys::generate()?;
        let mut parameters = keys.parameters(NAME);
        parameters.insert("Limits".to_owned(), limits.to_owned());
        // As in production, so that it is in the bill.
        parameters.insert("WatchOrders".to_owned(), "true".to_owned());
        let template = Template::load(&infra, &parameters)?;
        let dynamodb = DynamoDb::start(Storage::Memory, 0).await?;
        tables::create(&dynamodb.client(), template.tables()).await?;
        Ok(Self {
            template,
            dynamodb,
            keys,
        })
    }

    /// What the operation of this name works with, as its function would have it.
    pub fn service<S: Service>(&self, operation: &str) -> Result<S, Box<dyn Error>> {
        let operation = self.template.operation(operation);
        let operation = operation.ok_or("the templates have no such operation")?;
        let variables = environment(operation, self.dynamodb.endpoint());
        Ok(S::from_settings(&Settings::from_variables(variables))?)
    }
}

/// The status that `operation` answers a POST of `body` with.
pub async fn post<S, B, T, O>(service: &S, operation: &O, body: &Value) -> u16
where
    O: AsyncFn(&S, Request<B>) -> Result<Response<T>, Problem>,
{
    let event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": "",
        "headers": {"content-type": "application/json"},
        "requestContext": {
            "requestId": "bench",
            "stage": "$default",
            "http": {"method": "POST", "path": "/", "sourceIp": "192.0.2.1"},
        },
        "body": body.to_string(),
        "isBase64Encoded": false,
    });
    let event = event.to_string();
    let answer = edge::answer(service, operation, &event, Context::default(), None).await;
    u16::try_from(answer.status_code).unwrap_or_default()
}
