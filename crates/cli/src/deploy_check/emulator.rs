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
        let (log, bound) = (folder.join("emulator.log"), files.join("bound"));
        let launcher = root.join("crates/cli/src/deploy_check/emulator.py");
        let arrange = |command: &mut Command| {
            command
                .arg("-c")
                .arg(in_environment(ENVIRONMENT, "$python"))
                .args([root, &launcher])
                .envs(variables(port))
                .env("GATEWAY_PORT", port.to_string())
                .env("BIND_HOST", "127.0.0.1")
                .env("TELL_WHEN_BOUND", &bound)
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
        if !listens(port, &bound, || emulator.process.has_ended()).await {
            return Err(Failure::EmulatorSilent {
                seconds: PATIENCE.as_secs(),
                tail: tail(emulator.log(), 15),
                log: emulator.log().to_owned(),
            });
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

/// Waits until the emulator listens at this port; false if it ends, or takes too long. Somebody else may have taken the port
/// meanwhile, and answer there: so it counts only once the emulator says, by a file, that the port is its own.
async fn listens(port: u16, bound: &Path, mut has_ended: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + PATIENCE;
    let connects = || TcpStream::connect((Ipv4Addr::LOCALHOST, port));
    while !bound.exists() || connects().await.is_err() {
        if has_ended() || Instant::now() > until {
            return false;
        }
        sleep(Duration::from_millis(100)).await;
    }
    !has_ended()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn somebody_else_at_the_port_is_not_taken_for_the_emulator() {
        let folder = tempfile::tempdir().unwrap();
        let bound = folder.path().join("bound");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        // It starts, finds the port taken, and ends.
        let mut looks = 0;
        let ends = || {
            looks += 1;
            looks > 2
        };
        assert!(!listens(port, &bound, ends).await);
        std::fs::write(&bound, "").unwrap();
        assert!(listens(port, &bound, || false).await);
        assert!(!listens(port, &bound, || true).await);
    }
}
