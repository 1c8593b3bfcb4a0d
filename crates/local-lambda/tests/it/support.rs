//! The probe, as a function, and a gate it can be held at.

use std::{collections::BTreeMap, env, io, path::PathBuf, time::Duration};

use local_lambda::{Function, LocalLambda, Route};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

/// The function `probe`, with its defaults: two instances, a generous timeout.
pub fn probe() -> Function {
    Function {
        name: "probe".to_owned(),
        binary: binary(),
        environment: BTreeMap::from([("RUST_LOG".to_owned(), "error".to_owned())]),
        max_instances: 2,
        timeout: Duration::from_secs(60),
        memory_mib: 256,
    }
}

/// A probe that starts in a special way.
pub fn probe_that(way: &str) -> Function {
    let mut probe = probe();
    probe.environment.insert("PROBE".to_owned(), way.to_owned());
    probe
}

/// Starts `function` behind `POST /probe` and `GET /probe/{id}`.
pub async fn start(function: Function) -> LocalLambda {
    let routes = [(Method::POST, "/probe"), (Method::GET, "/probe/{id}")]
        .map(|(method, path)| Route::new(method, path, function.name.as_str()));
    LocalLambda::start([function], routes).await.unwrap()
}

/// Sends a command over HTTP; the response comes when the future is awaited or spawned.
pub fn post(lambda: &LocalLambda, command: Value) -> impl Future<Output = Response> + use<> {
    let url = format!("{}/probe", lambda.url());
    async move { client().post(url).json(&command).send().await.unwrap() }
}

/// A client that talks to this machine whatever proxy the environment names.
pub fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

/// The status and the JSON of a response.
pub async fn read(response: Response) -> (u16, Value) {
    (response.status().as_u16(), response.json().await.unwrap())
}

/// The gateway's own answer for `status`.
pub fn gateways_own(status: u16, message: &str) -> (u16, Value) {
    (status, json!({ "message": message }))
}

/// Whether the process exists, be it as a zombie. Always `false` where there is no `/proc`.
pub fn exists(pid: u32) -> bool {
    PathBuf::from(format!("/proc/{pid}")).exists()
}

/// Holds invocations until the test lets go.
pub struct Gate(TcpListener);

impl Gate {
    pub async fn open() -> io::Result<Self> {
        Ok(Self(TcpListener::bind("127.0.0.1:0").await?))
    }

    /// The command that makes the probe come to this gate and wait.
    pub fn command(&self) -> Value {
        json!({"do": "hold", "gate": self.0.local_addr().unwrap().to_string()})
    }

    /// Waits for the next invocation; it goes on when the connection is dropped.
    pub async fn arrival(&self) -> TcpStream {
        self.0.accept().await.unwrap().0
    }
}

fn binary() -> PathBuf {
    let deps = env::current_exe().unwrap();
    let profile = deps.ancestors().nth(2).unwrap();
    let binary = profile
        .join("examples")
        .join("probe")
        .with_extension(env::consts::EXE_EXTENSION);
    assert!(
        binary.exists(),
        "no probe: `cargo test -p local-lambda` builds it, one `--test` does not"
    );
    binary
}
