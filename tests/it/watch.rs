//! The functions under `cargo lambda watch`, as the ecosystem runs them.

use std::{
    net::TcpListener,
    path::Path,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, http::header::CONTENT_TYPE, response::IntoResponse, routing::post};
use local_shop::{
    Functions, Keys, Shop, Workspace,
    environment::{env_file, shared},
    functions::{Progress, forget_cargo},
};
use tokio::{
    process::{Child, Command},
    sync::Notify,
};

use crate::support::{Call, NAME, built};

/// A DynamoDB that holds nothing, and answers a read only while another is waiting as well.
#[derive(Default)]
struct TwoAtOnce {
    waiting: AtomicUsize,
    met: Notify,
}

impl TwoAtOnce {
    async fn read(self: Arc<Self>) -> impl IntoResponse {
        let met = self.met.notified();
        if self.waiting.fetch_add(1, Ordering::SeqCst) == 0 {
            let first = Leaves(&self.waiting);
            met.await;
            drop(first);
        } else {
            self.met.notify_waiters();
            drop(Leaves(&self.waiting));
        }
        ([(CONTENT_TYPE, "application/x-amz-json-1.0")], "{}")
    }
}

/// Counts a waiting read down, also when its client gave up.
struct Leaves<'w>(&'w AtomicUsize);

impl Drop for Leaves<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A running `cargo lambda watch`; it ends with all it started when its standard input is closed.
struct Watch(Child);

impl Watch {
    async fn start(workspace: &Workspace, port: u16, env: &Path, log: &Path) -> Self {
        let cargo_lambda = cli::cargo_lambda().await.unwrap();
        let shop = Functions::build(workspace, ["cli"], Progress::Quiet).unwrap();
        let log = std::fs::File::create(log).unwrap();
        let mut command = Command::new(shop.executable("cli").unwrap());
        forget_cargo(command.as_std_mut());
        command
            .args(["supervise", "--"])
            .arg(cargo_lambda)
            .args([
                "lambda",
                "watch",
                "--ignore-changes",
                "--invoke-address",
                "127.0.0.1",
            ])
            .args(["--invoke-port", &port.to_string(), "--env-file"])
            .arg(env)
            .current_dir(&workspace.root)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        Self(command.spawn().unwrap())
    }

    async fn stop(mut self) {
        drop(self.0.stdin.take());
        self.0.wait().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn under_cargo_lambda_watch_calls_to_one_function_overlap() {
    let (workspace, _) = built();
    let database = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    database.set_nonblocking(true).unwrap();
    let endpoint = format!("http://{}", database.local_addr().unwrap());
    let reads = Arc::new(TwoAtOnce::default());
    let routes = Router::new().route("/", post(move || reads.clone().read()));
    let database = tokio::net::TcpListener::from_std(database).unwrap();
    tokio::spawn(async move { axum::serve(database, routes).await.unwrap() });

    let folder = tempfile::tempdir().unwrap();
    let (env, log) = (folder.path().join("env"), folder.path().join("log"));
    let parameters = Keys::generate().unwrap().parameters(NAME);
    let shop = Shop::load(&workspace.infra(), &parameters).unwrap();
    std::fs::write(
        &env,
        env_file(&shared(shop.operations(), &endpoint).unwrap()),
    )
    .unwrap();
    // The system's choice, given back for cargo-lambda to take.
    let port = TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let watch = Watch::start(workspace, port, &env, &log).await;

    // A second instance may still be starting while the first one's read gives up, so this is tried again; were calls
    // to one function queued, no number of tries would help.
    let client = reqwest::Client::new();
    let look = || {
        let url = format!("http://127.0.0.1:{port}/products/mug");
        Call::new(&client, reqwest::Method::GET, url).try_unheld()
    };
    let mut overlapped = false;
    for _ in 0..60 {
        match tokio::join!(look(), look()) {
            (Some(one), Some(two)) if one.status == 404 && two.status == 404 => {
                one.problem(404, "product-not-found");
                overlapped = true;
                break;
            }
            (Some(_), Some(_)) => {}
            _ => tokio::time::sleep(Duration::from_millis(250)).await, // it does not listen yet
        }
    }
    watch.stop().await;
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(
        overlapped,
        "two calls to get-product were never served at once:\n{log}"
    );
}
