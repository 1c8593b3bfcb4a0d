//! One child process: its start, its end, and the certainty that it ends.

use std::{
    fmt,
    future::{Future, poll_fn},
    io,
    path::Path,
    pin::pin,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use tokio::{
    process::{Child, Command},
    sync::watch,
    time::timeout,
};

use crate::{logs::Logs, sync::locked};

/// How long the last output of an ended process is waited for. Only a grandchild that holds the pipe
/// open makes this matter.
const LAST_OUTPUT: Duration = Duration::from_secs(1);

/// How long a killed process may take to be gone; the kernel needs milliseconds.
const REAP_LIMIT: Duration = Duration::from_secs(5);

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit(Option<ExitStatus>);

impl Exit {
    /// The exit status, unless the operating system could not tell.
    pub fn status(&self) -> Option<ExitStatus> {
        self.0
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(status) => status.fmt(f),
            None => f.write_str("exit status unknown"),
        }
    }
}

/// A child process that is killed with SIGKILL and reaped when this is dropped, if not before.
#[derive(Debug)]
pub(crate) struct Process {
    pid: u32,
    child: Arc<Mutex<Child>>,
    exit: watch::Receiver<Option<Exit>>,
}

impl Process {
    /// Starts `binary` with exactly `environment`, its output going to `logs`.
    pub(crate) fn spawn<'a>(
        function: &str,
        binary: &Path,
        environment: impl IntoIterator<Item = (&'a str, &'a str)>,
        logs: &Arc<Logs>,
    ) -> io::Result<Self> {
        let mut child = Command::new(binary)
            .env_clear()
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let pid = child.id().unwrap_or_default();
        let output = (child.stdout.take(), child.stderr.take());
        let child = Arc::new(Mutex::new(child));
        let (announce, exit) = watch::channel(None);

        let (name, logs, watched) = (function.to_owned(), Arc::clone(logs), Arc::clone(&child));
        let copying = tokio::spawn(async move {
            let (Some(stdout), Some(stderr)) = output else {
                return;
            };
            tokio::join!(logs.copy(&name, stdout), logs.copy(&name, stderr));
        });
        tokio::spawn(async move {
            let status = ended(&watched).await.ok();
            // Whoever learns of the end finds the last words in the log.
            let _ = timeout(LAST_OUTPUT, copying).await;
            announce.send_replace(Some(Exit(status)));
        });
        Ok(Self { pid, child, exit })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.exit.borrow().is_some()
    }

    /// Waits until the process has ended, has been reaped and its output is in the log.
    pub(crate) async fn exit(&self) -> Exit {
        let mut exit = self.exit.clone();
        match exit.wait_for(Option::is_some).await {
            Ok(exit) => exit.unwrap_or(Exit(None)),
            Err(_) => Exit(None), // the watching task went with its async runtime
        }
    }

    /// Sends SIGKILL. A process that has ended already is left alone.
    pub(crate) fn kill(&self) {
        let _ = locked(&self.child).start_kill();
    }

    /// Kills the process and blocks until it is reaped, for when there is no async runtime to wait in.
    pub(crate) fn kill_and_reap(&self) {
        self.kill();
        let limit = Instant::now() + REAP_LIMIT;
        while matches!(locked(&self.child).try_wait(), Ok(None)) && Instant::now() < limit {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.has_ended() {
            self.kill_and_reap();
        }
    }
}

/// Waits for the end without holding the lock in between, so that [`Process::kill`] gets it.
async fn ended(child: &Mutex<Child>) -> io::Result<ExitStatus> {
    poll_fn(|context| {
        let mut child = locked(child);
        let waiting = pin!(child.wait());
        waiting.poll(context)
    })
    .await
}
