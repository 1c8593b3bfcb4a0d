//! `cargo shop supervise -- program arguments…`: runs a program, and stops it and everything below it as soon as
//! standard input ends. Whoever starts this holds the other end of that pipe, so even a killed `cargo shop up`
//! leaves nothing behind.

use std::ffi::OsString;

use clap::Args;
use tokio::{process::Command, sync::oneshot};

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
        command.args(arguments).stdin(std::process::Stdio::null());
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
