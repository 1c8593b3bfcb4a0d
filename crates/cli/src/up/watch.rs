//! `cargo lambda watch`, supervised: it ends with this process, whatever ends this process.

use std::{
    fs::File,
    net::{Ipv4Addr, Ipv6Addr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{
    net::TcpStream,
    process::{Child, ChildStdin, Command},
    time::{Instant, sleep},
};

use crate::{error::Failure, project::Project};

/// How long it may take until it listens.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running `cargo lambda watch`.
pub struct Watch {
    supervisor: Child,
    /// The supervisor stops everything when this closes.
    _lifeline: Option<ChildStdin>,
    log: PathBuf,
}

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
        let output = File::create(&log).map_err(Failure::at(&log))?;
        let errors = output.try_clone().map_err(Failure::at(&log))?;
        let own = std::env::current_exe().map_err(Failure::at("the executable of cargo shop"))?;
        let mut command = Command::new(&own);
        local_shop::functions::forget_cargo(command.as_std_mut());
        command
            .args(["supervise", "--"])
            .arg(cargo_lambda)
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
            .current_dir(&project.workspace.root)
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(errors)
            // A group of its own: Ctrl-C in the terminal reaches this process alone, which then stops the rest in
            // order.
            .process_group(0);
        let supervisor = command.spawn();
        let mut supervisor =
            supervisor.map_err(|error| Failure::NotStarted(own.display().to_string(), error))?;
        let mut watch = Self {
            _lifeline: supervisor.stdin.take(),
            supervisor,
            log,
        };
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port))
            .await
            .is_err()
        {
            if Instant::now() > until {
                let (seconds, log) = (PATIENCE.as_secs(), watch.log.clone());
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
        let status = match self.supervisor.wait().await {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        };
        Failure::WatchDied {
            status,
            log: self.log.clone(),
            tail: self.tail(),
        }
    }

    /// Where it writes what the functions log.
    pub fn log(&self) -> &Path {
        &self.log
    }

    fn tail(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(10)..].join("\n")
    }
}
