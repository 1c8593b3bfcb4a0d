//! Events as API Gateway sends them, and what was logged meanwhile, for this crate's tests.

use std::{
    io::Write,
    sync::{Arc, Mutex, Once},
};

use lambda_http::{Body, Context};
use lambda_runtime::tracing::subscriber;
use serde_json::{Map, Value, json};

use crate::{HttpRequest, HttpResponse, event};

/// An event in the making: `GET /` without headers.
pub(crate) fn event() -> Event {
    Event(json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/",
        "rawQueryString": "",
        "headers": {},
        "requestContext": {
            "requestId": "req-1",
            "stage": "$default",
            "http": {"method": "GET", "path": "/", "sourceIp": "192.0.2.1"},
        },
        "isBase64Encoded": false,
    }))
}

/// The context of an invocation.
pub(crate) fn context() -> Context {
    let mut context = Context::default();
    context.request_id = "lambda-1".to_owned();
    context
}

pub(crate) struct Event(Value);

impl Event {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.0["headers"][name] = json!(value);
        self
    }

    pub(crate) fn path(mut self, path: &str) -> Self {
        self.0["rawPath"] = json!(path);
        self
    }

    pub(crate) fn path_parameter(mut self, name: &str, value: &str) -> Self {
        let parameters = Map::from_iter([(name.to_owned(), json!(value))]);
        self.0["pathParameters"] = Value::Object(parameters);
        self
    }

    pub(crate) fn query(mut self, query: &str) -> Self {
        self.0["rawQueryString"] = json!(query);
        self
    }

    pub(crate) fn request_id(mut self, id: &str) -> Self {
        self.0["requestContext"]["requestId"] = json!(id);
        self
    }

    pub(crate) fn body(mut self, body: &str) -> Self {
        self.0["body"] = json!(body);
        self
    }

    pub(crate) fn json_body(self, body: &str) -> Self {
        self.header("content-type", "application/json").body(body)
    }

    pub(crate) fn base64_body(mut self, body: &str) -> Self {
        self.0["isBase64Encoded"] = json!(true);
        self.body(body)
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn json(&self) -> String {
        self.0.to_string()
    }

    pub(crate) fn request(&self) -> HttpRequest {
        event::read(&self.json(), context()).1.unwrap()
    }
}

/// An answer's body.
pub(crate) fn text(answer: &HttpResponse) -> String {
    match answer.body() {
        Body::Text(text) => text.clone(),
        other => panic!("not a text: {other:?}"),
    }
}

/// What this thread logs while it lives.
pub(crate) struct Logged {
    lines: Arc<Mutex<Vec<u8>>>,
    _guard: tracing::subscriber::DefaultGuard,
}

#[derive(Clone)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Logged {
    pub(crate) fn start() -> Self {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| {
                crate::panic::log(info);
                before(info);
            }));
        });
        let lines = Arc::new(Mutex::new(Vec::new()));
        let writer = Lines(lines.clone());
        let subscriber = subscriber::fmt()
            .with_ansi(false)
            .without_time()
            .with_writer(move || writer.clone())
            .finish();
        let _guard = tracing::subscriber::set_default(subscriber);
        Self { lines, _guard }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.lines.lock().unwrap().clone()).unwrap()
    }
}
