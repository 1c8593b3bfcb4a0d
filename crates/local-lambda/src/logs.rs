//! What a function's processes print, line by line.

use std::{collections::VecDeque, sync::Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

use crate::sync::locked;

/// How many lines are kept for a function; beyond that the oldest go, so that a long run can't fill
/// the memory.
const KEPT_LINES: usize = 100_000;

/// The latest lines of one function, all its instances together.
#[derive(Debug, Default)]
pub(crate) struct Logs(Mutex<VecDeque<String>>);

impl Logs {
    /// Everything kept, oldest first.
    pub(crate) fn lines(&self) -> Vec<String> {
        locked(&self.0).iter().cloned().collect()
    }

    /// Copies `output` until it ends. What isn't UTF-8 is replaced, not lost.
    pub(crate) async fn copy(&self, function: &str, output: impl AsyncRead + Unpin) {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        while matches!(output.read_until(b'\n', &mut line).await, Ok(1..)) {
            let text = String::from_utf8_lossy(line.trim_ascii_end()).into_owned();
            tracing::debug!(function, "{text}");
            self.push(text);
            line.clear();
        }
    }

    fn push(&self, line: String) {
        let mut lines = locked(&self.0);
        if lines.len() == KEPT_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_are_kept_in_order_even_without_a_last_line_break() {
        let logs = Logs::default();
        logs.copy("f", &b"one\r\n\ntwo \xff\nthree"[..]).await;
        assert_eq!(logs.lines(), ["one", "", "two \u{fffd}", "three"]);
    }

    #[test]
    fn the_oldest_lines_go_first() {
        let logs = Logs::default();
        for n in 0..=KEPT_LINES {
            logs.push(n.to_string());
        }
        let lines = logs.lines();
        assert_eq!((lines.len(), lines[0].as_str()), (KEPT_LINES, "1"));
    }
}
