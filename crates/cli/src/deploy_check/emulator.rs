//! The emulator of AWS: it ends with this process, whatever ends this process.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    time::Duration,
};

use store::Connection;
use tokio::{
    net::TcpStream,
    process::Command,
    time::{Instant, sleep},
};

use super::tool::{Tool, in_environment};
use crate::{
    error::Failure,
    supervise::{Supervised, tail},
};

/// How long it may take until it listens.
const PATIENCE: Duration = Duration::from_secs(60);
const REGION: &str = "us-east-1";
/// The Python environment that it is in.
const ENVIRONMENT: &str = "ministack";
/// The credentials of the account's owner, who may do everything. Functions get those of their roles.
const OWNER: &str = "test";

/// A running emulator.
pub struct Emulator {
    process: Supervised,
    /// The port of all its services.
    pub port: u16,
    root: PathBuf,
}

impl Emulator {
    /// Starts it with nothing in it, and waits until it listens. Its files go into `folder`.
    pub async fn start(root: &Path, folder: &Path) -> Result<Self, Failure> {
        // Fetched now if need be, which takes longer than it may take to start.
        let log = folder.join("emulator-fetched.log");
        let fetched = Tool::of_python(root, ENVIRONMENT, "$python", "the emulator", log);
        fetched.args(["-c", "import ministack"]).run(|_| ()).await?;
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let free = free.and_then(|listener| listener.local_addr());
        let port = free.map_err(Failure::at("127.0.0.1"))?.port();
        let files = folder.join("emulator");
        let _ = std::fs::remove_dir_all(&files);
        std::fs::create_dir_all(&files).map_err(Failure::at(&files))?;
        let log = folder.join("emulator.log");
        let launcher = root.join("crates/cli/src/deploy_check/emulator.py");
        let arrange = |command: &mut Command| {
            command
                .arg("-c")
                .arg(in_environment(ENVIRONMENT, "$python"))
                .args([root, &launcher])
                .envs(variables(port))
                .env("GATEWAY_PORT", port.to_string())
                .env("BIND_HOST", "127.0.0.1")
                .env("AUTH", "true") // policies and signatures are enforced
                .env("S3_DATA_DIR", files.join("s3"))
                .env("TMPDIR", &files)
                .current_dir(&files);
        };
        let mut emulator = Self {
            process: Supervised::start("bash", arrange, log)?,
            port,
            root: root.to_owned(),
        };
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port))
            .await
            .is_err()
        {
            if emulator.process.has_ended() || Instant::now() > until {
                return Err(Failure::EmulatorSilent {
                    seconds: PATIENCE.as_secs(),
                    tail: tail(emulator.log(), 15),
                    log: emulator.log().to_owned(),
                });
            }
            sleep(Duration::from_millis(100)).await;
        }
        Ok(emulator)
    }

    /// Where it and the functions write what they say.
    pub fn log(&self) -> &Path {
        self.process.log()
    }

    /// What makes a program of AWS speak to it.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        variables(self.port)
    }

    /// Its DynamoDB, as the account's owner.
    pub fn connection(&self) -> Connection {
        Connection {
            region: REGION.to_owned(),
            endpoint: Some(url(self.port)),
            access_key_id: OWNER.to_owned(),
            secret_access_key: OWNER.to_owned(),
            session_token: None,
        }
    }

    /// What `aws.py` answers to this action.
    pub async fn ask<T: serde::de::DeserializeOwned>(
        &self,
        action: &str,
        arguments: &[&str],
        log: PathBuf,
    ) -> Result<T, Failure> {
        let name = format!("aws.py {action}");
        let program = self.root.join("crates/cli/src/deploy_check/aws.py");
        let answer = Tool::of_python(&self.root, ENVIRONMENT, "$python", name, log.clone())
            .args([program.as_os_str(), action.as_ref()])
            .args(arguments)
            .envs(self.variables())
            .run(|_| ())
            .await?;
        serde_json::from_str(&answer).map_err(|error| Failure::Malformed {
            file: log,
            reason: error.to_string(),
        })
    }
}

fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

fn variables(port: u16) -> Vec<(&'static str, String)> {
    let owner = || OWNER.to_owned();
    vec![
        ("AWS_ENDPOINT_URL", url(port)),
        ("AWS_ACCESS_KEY_ID", owner()),
        ("AWS_SECRET_ACCESS_KEY", owner()),
        ("AWS_SESSION_TOKEN", String::new()),
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("SAM_CLI_TELEMETRY", "0".to_owned()),
    ]
}
