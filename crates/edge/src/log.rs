//! What is written down: one line a request, ids and numbers only. Never a body, a header, a query or a token.

use std::{
    error::Error,
    io::{self, Write},
    sync::OnceLock,
    time::{Duration, Instant},
};

use lambda_runtime::tracing::subscriber::{
    self, filter::Targets, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt,
};
use store::site;
use tracing::level_filters::LevelFilter;

use crate::{HttpResponse, Problem, metrics};

/// The most characters of a cause that are logged.
const MAX_CAUSE: usize = 2000;

/// Starts logging to standard output, as Lambda's logging settings say: `AWS_LAMBDA_LOG_FORMAT` (`JSON` or text) and
/// `AWS_LAMBDA_LOG_LEVEL`. Below INFO libraries log whole events and bodies, so all that such a level adds is where the
/// store calls DynamoDB from.
pub(crate) fn start() {
    let variable = |name| std::env::var(name).ok();
    let levels = levels(&variable("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default());
    let json = variable("AWS_LAMBDA_LOG_FORMAT").is_some_and(|f| f.eq_ignore_ascii_case("json"));
    start_with(levels, json, io::stdout);
}

fn start_with<W>([level, calls]: [LevelFilter; 2], json: bool, writer: W)
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let filter = Targets::new()
        .with_default(level)
        .with_target(site::TARGET, calls);
    let lines = subscriber::fmt()
        .with_max_level(calls)
        .with_target(false)
        .with_ansi(false)
        .without_time()
        .with_writer(writer);
    // It fails only if the program already logs elsewhere, as a test may.
    let _ = if json {
        lines.json().finish().with(filter).try_init()
    } else {
        lines.finish().with(filter).try_init()
    };
}

/// Who reads the lines of this process, where they are not meant for standard output.
static READER: OnceLock<fn(&[u8])> = OnceLock::new();

/// Hands lines to whoever reads them, each as a whole.
struct ToReader(fn(&[u8]));

impl Write for ToReader {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.0)(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Logs as a function of this shop does on Lambda, in JSON, and counts its requests, but hands each line to `reader` instead
/// of standard output: for a program that runs operations in its own process and looks at what they write. The first
/// reader of a process stays.
pub fn log_to(shop: &str, reader: fn(&[u8])) {
    let _ = READER.set(reader);
    metrics::start_for(shop);
    start_with([LevelFilter::INFO; 2], true, move || ToReader(reader));
}

/// Writes a line that is no event of `tracing`, at once, so that it stays a line of its own.
pub(crate) fn print(line: &str) {
    match READER.get() {
        Some(reader) => reader(line.as_bytes()),
        // There is nobody to tell that standard output is closed.
        None => drop(io::stdout().write_all(line.as_bytes())),
    }
}

/// What Lambda's name of a level means: how much is logged, and how much of the store's calls, which is never less.
fn levels(name: &str) -> [LevelFilter; 2] {
    match name.to_ascii_uppercase().as_str() {
        "FATAL" | "ERROR" => [LevelFilter::ERROR; 2],
        "WARN" => [LevelFilter::WARN; 2],
        "DEBUG" | "TRACE" => [LevelFilter::INFO, LevelFilter::DEBUG],
        _ => [LevelFilter::INFO; 2],
    }
}

/// The operation's name as routes and binaries have it: `orders::place_order` is `place-order`.
pub(crate) fn operation_name<O>() -> String {
    let path = std::any::type_name::<O>();
    let name = path.rsplit("::").next().unwrap_or(path);
    name.replace('_', "-")
}

/// Writes the one line of what was done: fields of its own, then what each such line has. It is an error if it has a cause.
/// A field without a value is left out of the line.
macro_rules! write_line {
    (@ $level:ident $message:literal $cause:ident $duration:ident $calls:ident $($field:ident = $value:expr),+) => {
        ::tracing::$level!(
            $($field = $value,)+
            cause = $cause,
            duration_us = $duration,
            dynamodb_us = $crate::log::in_micros($calls.took),
            dynamodb_calls = $calls.count,
            // Writes sent, each repeat by the store or the SDK among them.
            attempts = $calls.writes_sent,
            read_units = $calls.read_units,
            write_units = $calls.write_units,
            $message
        )
    };
    ($message:literal, begun = $begun:expr, cause = $cause:expr, $($field:ident = $value:expr),+ $(,)?) => {{
        let cause: Option<String> = $cause;
        let (duration, calls) = ($crate::log::micros($begun), ::store::meter::take());
        // A line's level is fixed where it is written.
        if cause.is_some() {
            $crate::log::write_line!(@ error $message cause duration calls $($field = $value),+);
        } else {
            $crate::log::write_line!(@ info $message cause duration calls $($field = $value),+);
        }
    }};
}
pub(crate) use write_line;

/// The one line of a request.
pub(crate) fn request(
    operation: &str,
    request_id: &str,
    begun: Instant,
    result: &Result<HttpResponse, Problem>,
) {
    let problem = result.as_ref().err();
    let status = match result {
        Ok(answer) => answer.status(),
        Err(problem) => problem.slug().status(),
    };
    let ours = problem.filter(|_| status.is_server_error());
    write_line!(
        "request",
        begun = begun,
        cause = ours.map(|problem| causes(problem.source())),
        operation = operation,
        request_id = request_id,
        status = status.as_u16(),
        problem = problem.map(|problem| problem.slug().as_str()),
    );
}

/// An error and what it comes from, in one line.
pub(crate) fn causes(first: Option<&(dyn Error + 'static)>) -> String {
    let chain: Vec<String> = std::iter::successors(first, |&error| error.source())
        .map(ToString::to_string)
        .collect();
    let mut text = chain.join(": ").replace(['\r', '\n'], " ");
    if let Some((end, _)) = text.char_indices().nth(MAX_CAUSE) {
        text.truncate(end);
    }
    text
}

/// Microseconds since `begun`.
pub(crate) fn micros(begun: Instant) -> u64 {
    in_micros(begun.elapsed())
}

/// A duration in microseconds.
pub(crate) fn in_micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_level_shows_what_libraries_say_in_detail() {
        for (name, calls) in [
            ("TRACE", LevelFilter::DEBUG),
            ("debug", LevelFilter::DEBUG),
            ("INFO", LevelFilter::INFO),
            ("", LevelFilter::INFO),
            ("everything", LevelFilter::INFO),
        ] {
            assert_eq!(levels(name), [LevelFilter::INFO, calls], "{name}");
        }
        assert_eq!(levels("WARN"), [LevelFilter::WARN; 2]);
        assert_eq!(levels("FATAL"), [LevelFilter::ERROR; 2]);
    }

    #[test]
    fn causes_are_one_line_of_limited_length() {
        let problem = Problem::internal("no\nsuch table");
        let problem = Problem::internal(problem);
        let text = causes(Some(&problem));
        assert!(
            text.ends_with(
                "on our side: if it stays so, tell us the instance of this problem.: no such table"
            ),
            "{text}"
        );
        let long = Problem::internal("x".repeat(10_000));
        assert_eq!(causes(Some(&long)).chars().count(), MAX_CAUSE);
    }
}
