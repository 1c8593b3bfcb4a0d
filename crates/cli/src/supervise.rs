//! `cargo shop supervise -- program arguments…`: runs a program, and stops it and everything below it as soon as
//! standard input ends. Whoever starts this holds the other end of that pipe, so even a killed `cargo shop up`
//! leaves nothing behind.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
};

use clap::Args;
use local_shop::functions::forget_cargo;
use tokio::{
    process::{Child, ChildStdin, Command},
    sync::oneshot,
};

use crate::{
    error::Failure,
    processes::{interrupted, stop_descendants},
};

#[derive(Args)]
pub struct Supervise {
    /// The program and its arguments
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

impl Supervise {
    pub async fn run(self) -> Result<(), Failure> {
        // What loses its parent becomes a child of this process and is found when it is to be stopped.
        #[cfg(target_os = "linux")]
        let _ = nix::sys::prctl::set_child_subreaper(true);
        let (program, arguments) = self.command.split_first().map_or_else(
            || (OsString::new(), &[][..]),
            |(program, arguments)| (program.clone(), arguments),
        );
        let name = program.to_string_lossy().into_owned();
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null());
        let child = command.spawn();
        let mut child = child.map_err(|error| Failure::NotStarted(name.clone(), error))?;
        let ended = tokio::select! {
            ended = child.wait() => Some(ended),
            () = end_of_input() => None,
            () = interrupted() => None,
        };
        stop_descendants().await;
        match ended {
            Some(Ok(status)) => Err(Failure::Supervised {
                program: name,
                status: status.to_string(),
            }),
            _ => Ok(()),
        }
    }
}

/// Waits on a thread of its own: a runtime would not shut down before its own read of standard input ends.
async fn end_of_input() {
    let (ended, end) = oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        let _ = ended.send(());
    });
    let _ = end.await;
}

/// A program under supervision: with all that it starts it ends with this process, whatever ends this process.
pub struct Supervised {
    supervisor: Child,
    /// The supervisor stops everything when this closes. It is not killed when this is dropped: then nobody would be left to
    /// stop the rest.
    _lifeline: Option<ChildStdin>,
    log: PathBuf,
}

impl Supervised {
    /// Starts a program, to which `arrange` gives its arguments, environment and folder. What it says goes to the log.
    pub fn start(
        program: impl AsRef<OsStr>,
        arrange: impl FnOnce(&mut Command),
        log: PathBuf,
    ) -> Result<Self, Failure> {
        let output = File::create(&log).map_err(Failure::at(&log))?;
        let errors = output.try_clone().map_err(Failure::at(&log))?;
        let own = std::env::current_exe().map_err(Failure::at("the executable of cargo shop"))?;
        let mut command = Command::new(&own);
        forget_cargo(command.as_std_mut());
        command.args(["supervise", "--"]).arg(program);
        arrange(&mut command);
        command
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(errors)
            // A group of its own: Ctrl-C in the terminal reaches this process alone, which then stops the rest in
            // order.
            .process_group(0);
        let supervisor = command.spawn();
        let mut supervisor =
            supervisor.map_err(|error| Failure::NotStarted(own.display().to_string(), error))?;
        Ok(Self {
            _lifeline: supervisor.stdin.take(),
            supervisor,
            log,
        })
    }

    /// Waits until it ends.
    pub async fn ended(&mut self) -> std::io::Result<ExitStatus> {
        self.supervisor.wait().await
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.supervisor.try_wait(), Ok(None))
    }

    /// Where it writes what it says.
    pub fn log(&self) -> &Path {
        &self.log
    }
}

/// The last lines of a log, that many.
pub fn tail(log: &Path, number: usize) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(number)..].join("\n")
}
