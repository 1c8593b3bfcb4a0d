//! `cargo lambda watch`, supervised: it ends with this process, whatever ends this process.

use std::{
    net::{Ipv4Addr, Ipv6Addr, TcpListener},
    path::Path,
    time::Duration,
};

use tokio::{
    net::TcpStream,
    process::Command,
    time::{Instant, sleep},
};

use crate::{
    error::Failure,
    project::Project,
    supervise::{Supervised, tail},
};

/// How long it may take until it listens.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running `cargo lambda watch`.
pub struct Watch(Supervised);

/// Says early and clearly that a port is taken.
pub fn port_is_free(port: u16) -> Result<(), Failure> {
    let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map(drop);
    let v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).map(drop);
    // A machine without IPv6 fails otherwise; only what is in use counts.
    let taken = |bound: std::io::Result<()>| {
        bound.is_err_and(|error| error.kind() == std::io::ErrorKind::AddrInUse)
    };
    if taken(v4) || taken(v6) {
        Err(Failure::PortTaken { port })
    } else {
        Ok(())
    }
}

impl Watch {
    /// Starts it and waits until it listens.
    pub async fn start(
        project: &Project,
        cargo_lambda: &Path,
        launcher: &Path,
        env_file: &Path,
        port: u16,
    ) -> Result<Self, Failure> {
        // Its output goes into a folder that Git ignores: it watches the others.
        let log = project.state("watch.log");
        let arrange = |command: &mut Command| {
            command
                .args(["lambda", "watch", "--ignore-changes", "--concurrency", "4"])
                .args([
                    "--invoke-address",
                    "127.0.0.1",
                    "--invoke-port",
                    &port.to_string(),
                ])
                .arg("--env-file")
                .arg(env_file)
                .env("CARGO", launcher)
                .current_dir(&project.workspace.root);
        };
        let mut watch = Self(Supervised::start(cargo_lambda, arrange, log)?);
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port))
            .await
            .is_err()
        {
            if Instant::now() > until {
                let (seconds, log) = (PATIENCE.as_secs(), watch.log().to_owned());
                return Err(Failure::WatchSilent {
                    seconds,
                    log,
                    tail: watch.tail(),
                });
            }
            tokio::select! {
                died = watch.died() => return Err(died),
                () = sleep(Duration::from_millis(50)) => {}
            }
        }
        Ok(watch)
    }

    /// Waits until it ends, which it ought not to.
    pub async fn died(&mut self) -> Failure {
        let status = match self.0.ended().await {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        };
        Failure::WatchDied {
            status,
            log: self.log().to_owned(),
            tail: self.tail(),
        }
    }

    /// Where it writes what the functions log.
    pub fn log(&self) -> &Path {
        self.0.log()
    }

    fn tail(&self) -> String {
        tail(self.log(), 10)
    }
}
