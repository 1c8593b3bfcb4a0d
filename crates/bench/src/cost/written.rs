//! What is written into logs: by the functions, by Lambda about each invocation, and by the API about each request.

use std::cell::Cell;

use serde::Serialize;

use crate::cost::access_log::AccessLog;

/// What CloudWatch adds to each line when it reckons how much it takes ("PutLogEvents", Amazon CloudWatch Logs API
/// reference). Whether that is billed as well is not said, so here it is.
const PER_LINE: u64 = 26;

/// The numbers in a line that are times. However long they are here, they count with as many digits.
const TIMES: [&str; 2] = ["\"duration_us\":", "\"dynamodb_us\":"];
const DIGITS: usize = 5;

/// The lines that Lambda writes of an invocation at its level INFO, as its developer guide shows them ("Configuring JSON and
/// plain text log formats"). Their numbers are made up, but not their lengths.
const OF_LAMBDA: [&str; 2] = [
    r#"{"time":"2026-01-01T00:00:00.000Z","type":"platform.start","record":{"requestId":"00000000-0000-0000-0000-000000000000","version":"$LATEST"}}"#,
    r#"{"time":"2026-01-01T00:00:00.000Z","type":"platform.report","record":{"requestId":"00000000-0000-0000-0000-000000000000","metrics":{"durationMs":20.345,"billedDurationMs":21,"memorySizeMB":256,"maxMemoryUsedMB":24},"status":"success"}}"#,
];

/// Lines of a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Written {
    /// How many.
    pub lines: u64,
    /// The bytes in them.
    pub bytes: u64,
}

impl Written {
    /// This line and no other.
    pub fn line(line: &str) -> Self {
        let bytes = u64::try_from(length(line)).unwrap_or_default();
        Self { lines: 1, bytes }
    }

    /// What Lambda writes of an invocation.
    pub fn of_lambda() -> Self {
        OF_LAMBDA.into_iter().map(Self::line).sum()
    }

    /// What the API writes of a request, if it has an access log.
    pub fn of_api(log: Option<&AccessLog>, route: &str, status: u16, bytes: u64) -> Self {
        log.map(|log| Self::line(&log.line(route, status, bytes)))
            .unwrap_or_default()
    }

    /// The bytes that CloudWatch takes for them.
    pub fn taken(self) -> u64 {
        self.bytes + PER_LINE * self.lines
    }
}

impl std::ops::AddAssign for Written {
    fn add_assign(&mut self, more: Self) {
        self.lines += more.lines;
        self.bytes += more.bytes;
    }
}

impl std::iter::Sum for Written {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |mut sum, more| {
            sum += more;
            sum
        })
    }
}

thread_local! {
    // Functions run on one thread, and each request is at its end before the next.
    static WRITTEN: Cell<Written> = const { Cell::new(Written { lines: 0, bytes: 0 }) };
}

/// Takes what functions log, line by line.
pub fn read(line: &[u8]) {
    let mut written = WRITTEN.get();
    written += Written::line(&String::from_utf8_lossy(line));
    WRITTEN.set(written);
}

/// What was written since this was last asked, on this thread.
pub fn take() -> Written {
    WRITTEN.take()
}

/// The bytes of a line.
fn length(line: &str) -> usize {
    let line = line.trim_end_matches('\n');
    TIMES.iter().fold(line.len(), |length, name| {
        let Some((_, rest)) = line.split_once(name) else {
            return length;
        };
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        length - digits + DIGITS
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_as_long_however_fast_the_machine_is() {
        let slow = r#"{"fields":{"duration_us":1234567,"dynamodb_us":12},"n":1}"#;
        let fast = r#"{"fields":{"duration_us":12,"dynamodb_us":0},"n":1}"#;
        let usual = r#"{"fields":{"duration_us":12345,"dynamodb_us":12345},"n":1}"#;
        for line in [slow, fast, usual] {
            assert_eq!(length(line), usual.len());
            assert_eq!(length(&format!("{line}\n")), usual.len());
        }
        assert_eq!(length(r#"{"took_us":1}"#), 13);
    }

    #[test]
    fn lines_are_read_until_they_are_taken() {
        take();
        read(b"{}\n");
        read(b"1234\n");
        let written = take();
        assert_eq!(written, Written { lines: 2, bytes: 6 });
        assert_eq!(written.taken(), 6 + 2 * 26);
        assert_eq!(take(), Written::default());
    }
}
