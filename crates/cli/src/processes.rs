//! Stopping processes, with all that they started.

use std::{collections::BTreeSet, process::Command, time::Duration};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::time::{Instant, sleep};

/// How long a process may take to end when it is asked to.
const GRACE: Duration = Duration::from_secs(4);

/// Ctrl-C or a request to terminate.
pub async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let ctrl_c = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = ctrl_c => {}
                _ = terminate.recv() => {}
            }
        }
        // Without a handler the signal ends the process, as it does by default.
        Err(_) => {
            let _ = ctrl_c.await;
        }
    }
}

/// Ends everything that this process started and that still runs.
pub async fn stop_descendants() {
    let own = std::process::id();
    stop(&|| children(own), GRACE).await;
}

/// Ends these processes and all below them: asks first, insists after a while.
async fn stop(roots: &dyn Fn() -> Vec<u32>, grace: Duration) {
    let (mut known, until) = (BTreeSet::new(), Instant::now() + grace);
    loop {
        // Again each time: what lost its parent meanwhile may hang somewhere else now.
        let mut found = roots();
        found.extend(found.clone().into_iter().flat_map(descendants));
        for pid in found {
            if known.insert(pid) {
                send(pid, Signal::SIGTERM);
            }
        }
        let alive = alive();
        if known.is_disjoint(&alive) {
            return;
        }
        if Instant::now() > until {
            for pid in known.intersection(&alive) {
                send(*pid, Signal::SIGKILL);
            }
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
}

/// Sends a signal. A process that has ended meanwhile needs none.
fn send(pid: u32, signal: Signal) {
    if let Ok(pid) = i32::try_from(pid) {
        let _ = kill(Pid::from_raw(pid), signal);
    }
}

/// A process in the system's table.
struct Entry {
    pid: u32,
    parent: u32,
    ended: bool,
}

fn children(of: u32) -> Vec<u32> {
    table()
        .into_iter()
        .filter(|entry| entry.parent == of)
        .map(|entry| entry.pid)
        .collect()
}

fn descendants(of: u32) -> BTreeSet<u32> {
    let table = table();
    let mut found = BTreeSet::from([of]);
    loop {
        let more = table
            .iter()
            .filter(|entry| !entry.ended && found.contains(&entry.parent));
        let more: Vec<u32> = more.map(|entry| entry.pid).collect();
        let before = found.len();
        found.extend(more);
        if found.len() == before {
            found.remove(&of);
            return found;
        }
    }
}

fn alive() -> BTreeSet<u32> {
    let running = table().into_iter().filter(|entry| !entry.ended);
    running.map(|entry| entry.pid).collect()
}

/// Every process: from /proc where there is one, else from `ps`.
fn table() -> Vec<Entry> {
    match std::fs::read_dir("/proc/self") {
        Ok(_) => from_proc(),
        Err(_) => from_ps(),
    }
}

fn from_proc() -> Vec<Entry> {
    let folders = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let entry = |folder: std::fs::DirEntry| {
        let pid = folder.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(folder.path().join("stat")).ok()?;
        // The name stands in parentheses and may hold anything; state and parent follow it.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
        let ended = matches!(fields.next()?, "Z" | "X");
        Some(Entry {
            pid,
            parent: fields.next()?.parse().ok()?,
            ended,
        })
    };
    folders.filter_map(entry).collect()
}

fn from_ps() -> Vec<Entry> {
    let Ok(output) = Command::new("ps")
        .args(["-A", "-o", "pid=,ppid=,state="])
        .output()
    else {
        return Vec::new();
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let entry = |line: &str| {
        let mut fields = line.split_whitespace();
        let (pid, parent) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        // `ps` shows itself and its end, too.
        Some(Entry {
            pid,
            parent,
            ended: fields.next()?.starts_with('Z'),
        })
    };
    text.lines().filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn everything_below_is_stopped_even_what_ignores_the_request() {
        let script = "trap '' TERM; sleep 600 & echo $!; wait; sleep 600";
        let mut shell = tokio::process::Command::new("sh");
        let shell = shell
            .args(["-c", script])
            .stdout(std::process::Stdio::piped());
        let mut shell = shell.spawn().unwrap();
        let mut line = String::new();
        let mut output = tokio::io::BufReader::new(shell.stdout.take().unwrap());
        tokio::io::AsyncBufReadExt::read_line(&mut output, &mut line)
            .await
            .unwrap();
        let grandchild: u32 = line.trim().parse().unwrap();
        let pid = shell.id().unwrap();
        assert!(descendants(pid).contains(&grandchild));
        stop(&|| vec![pid], Duration::from_millis(200)).await;
        shell.wait().await.unwrap();
        let until = Instant::now() + GRACE;
        while alive().contains(&grandchild) && Instant::now() < until {
            sleep(Duration::from_millis(5)).await;
        }
        assert!(!alive().contains(&grandchild));
    }
}
