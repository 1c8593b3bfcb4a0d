//! `cargo shop prove`: looks for runs in which what the shop guarantees does not hold.

use std::{
    fs::File,
    io::{self, IsTerminal, Write},
    panic::resume_unwind,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use clap::Parser;
use prove::{
    GUARANTEES, Guarantee, Run,
    curve::{self, Row},
    named,
    planted::{BUGS, Bug, Fate, NotPlanted, WorkspaceCopy, try_sound},
    report::{Planted, Report},
    runner,
};

/// Look for runs in which what the shop guarantees does not hold, in simulated time, in numbered runs
///
/// It ends with 1 when it finds one, and with 2 when it can't look.
#[derive(Parser)]
#[command(name = "cargo shop prove", bin_name = "cargo shop prove")]
struct Arguments {
    /// The guarantees to look at; all of them when none is named. With --planted also bugs
    names: Vec<String>,
    /// As many runs as the guarantees are stated with (up to an hour), instead of as many as `cargo test` makes (minutes)
    #[arg(long)]
    full: bool,
    /// As many runs of each guarantee
    #[arg(long, value_name = "RUNS", conflicts_with = "full", value_parser = clap::value_parser!(u64).range(1..))]
    runs: Option<u64>,
    /// Make run N of the one guarantee that is named again and print its history, where it has one
    #[arg(long, value_name = "N", allow_negative_numbers = true, conflicts_with_all = ["full", "runs", "json"])]
    seed: Option<u64>,
    /// Write what came of it to this file, too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Plant bugs in a copy of the shop, one at a time, and look whether the guarantees notice (half an hour)
    #[arg(long, conflicts_with_all = ["full", "runs", "seed"])]
    planted: bool,
    /// Measure how much one product bears by the number of its buckets, and draw it into this file (SVG)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["names", "full", "runs", "seed", "planted", "json"])]
    curve: Option<PathBuf>,
    /// List the guarantees and what each claims; with --planted the bugs and what each means
    #[arg(long, conflicts_with_all = ["full", "runs", "seed", "json", "curve"])]
    list: bool,
}

/// A fifth of the time of a run went into the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often progress is shown, on a terminal and elsewhere.
const SHOWN_EVERY: Duration = Duration::from_millis(500);
const WRITTEN_EVERY: Duration = Duration::from_secs(60);

/// Prints a line, if anybody is left to read it.
macro_rules! say {
    ($($told:tt)*) => {{
        let _ = writeln!(io::stdout(), $($told)*);
    }};
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Before an hour of runs, not after it.
    if let Some(file) = arguments.json.as_ref().or(arguments.curve.as_ref())
        && let Err(error) = File::create(file)
    {
        eprintln!("{} can't be written: {error}", file.display());
        return ExitCode::from(2);
    }
    if arguments.planted {
        return match bugs(&arguments.names) {
            Ok(bugs) => plant(&arguments, &bugs),
            Err(unknown) => no_such(
                unknown,
                "guarantee or bug",
                "--list, with or without --planted,",
            ),
        };
    }
    match guarantees(&arguments.names) {
        Ok(guarantees) => prove(&arguments, &guarantees),
        Err(unknown) => no_such(unknown, "guarantee", "--list"),
    }
}

fn no_such(name: &str, kind: &str, lists: &str) -> ExitCode {
    eprintln!("There is no {kind} {name:?}; cargo shop prove {lists} names them.");
    ExitCode::from(2)
}

fn guarantees(names: &[String]) -> Result<Vec<&'static Guarantee>, &String> {
    if names.is_empty() {
        return Ok(GUARANTEES.iter().collect());
    }
    names.iter().map(|name| named(name).ok_or(name)).collect()
}

/// The bugs with these names, and those that the guarantees with these names should notice.
fn bugs(names: &[String]) -> Result<Vec<&'static Bug>, &String> {
    let is_meant = |bug: &Bug, name: &String| bug.name == name || bug.guarantee == name;
    for name in names {
        if !BUGS.iter().any(|bug| is_meant(bug, name)) {
            return Err(name);
        }
    }
    let meant = |bug: &&Bug| names.is_empty() || names.iter().any(|name| is_meant(bug, name));
    Ok(BUGS.iter().filter(meant).collect())
}

fn prove(arguments: &Arguments, guarantees: &[&'static Guarantee]) -> ExitCode {
    if arguments.list {
        for guarantee in guarantees {
            say!("{:<14} {}", guarantee.name, guarantee.claim);
        }
        return ExitCode::SUCCESS;
    }
    if let Some(number) = arguments.seed {
        let ([_], [guarantee]) = (arguments.names.as_slice(), guarantees) else {
            eprintln!(
                "A run is of one guarantee: name it, as in cargo shop prove cart --seed {number}."
            );
            return ExitCode::from(2);
        };
        return again(guarantee, number);
    }
    if let Some(file) = &arguments.curve {
        return measure(file);
    }
    let began = Instant::now();
    let mut report = Report::default();
    let mut all_hold = true;
    for guarantee in guarantees {
        let runs = arguments.runs.unwrap_or(if arguments.full {
            guarantee.full
        } else {
            guarantee.fast
        });
        let outcome = watched(guarantee, runs);
        say!("{outcome}");
        all_hold &= outcome.holds();
        // Fewer runs than the fast ones may well miss something.
        if outcome.holds() && runs >= guarantee.fast && !outcome.untried().is_empty() {
            say!("  the runs never met: {}", outcome.untried().join(", "));
            all_hold = false;
        }
        report.guarantees.push((&outcome).into());
    }
    let count = guarantees.len();
    let plural = if count == 1 { "" } else { "s" };
    say!("{count} guarantee{plural} in {:.0?}", began.elapsed());
    told(arguments, &report, all_hold)
}

/// Writes the report, if one is wanted, and ends.
fn told(arguments: &Arguments, report: &Report, all_well: bool) -> ExitCode {
    if let Some(file) = &arguments.json {
        let written = serde_json::to_string_pretty(report)
            .map_err(io::Error::from)
            .and_then(|text| std::fs::write(file, text + "\n"));
        if let Err(error) = written {
            eprintln!("{} can't be written: {error}", file.display());
            return ExitCode::from(2);
        }
    }
    ended(all_well)
}

/// Plants these bugs.
fn plant(arguments: &Arguments, bugs: &[&'static Bug]) -> ExitCode {
    if arguments.list {
        for bug in bugs {
            say!("{:<34} {:<14} {}", bug.name, bug.guarantee, bug.meaning);
        }
        return ExitCode::SUCCESS;
    }
    let began = Instant::now();
    let copy = match WorkspaceCopy::make() {
        Ok(copy) => copy,
        Err(error) => {
            eprintln!("The shop can't be copied: {error}.");
            return ExitCode::from(2);
        }
    };
    if let Err((name, error)) = sound(&copy, bugs) {
        eprintln!("{name} can't notice bugs: {error}");
        return ExitCode::from(2);
    }
    let mut planted = Planted::default();
    for (number, bug) in bugs.iter().enumerate() {
        eprintln!("{} of {}: {}", number + 1, bugs.len(), bug.name);
        match bug.try_out(&copy) {
            Ok(Fate::Caught(how)) => {
                planted.caught += 1;
                say!("caught: {} by {}: {how}", bug.name, bug.guarantee);
            }
            Ok(Fate::Missed) => {
                planted.missed.push(bug.name);
                say!("MISSED: {} by {}: {}", bug.name, bug.guarantee, bug.meaning);
            }
            Err(error) => {
                eprintln!("{} can't be planted: {error}", bug.name);
                return ExitCode::from(2);
            }
        }
        planted.planted += 1;
    }
    say!(
        "planted: {} of {} bugs caught, in {:.0?}",
        planted.caught,
        planted.planted,
        began.elapsed()
    );
    let all_caught = planted.missed.is_empty();
    let report = Report {
        planted: Some(planted),
        ..Report::default()
    };
    told(arguments, &report, all_caught)
}

/// Makes the runs that should notice these bugs on the copy without any.
fn sound(copy: &WorkspaceCopy, bugs: &[&Bug]) -> Result<(), (&'static str, NotPlanted)> {
    for guarantee in GUARANTEES {
        let noticing = bugs.iter().filter(|bug| bug.guarantee == guarantee.name);
        let Some(runs) = noticing.map(|bug| bug.runs).max() else {
            continue;
        };
        eprintln!(
            "without a bug: {} (the first compiles the copy, which takes minutes)",
            guarantee.name
        );
        try_sound(copy, guarantee.name, runs).map_err(|error| (guarantee.name, error))?;
    }
    Ok(())
}

/// Measures the curve of hot products.
fn measure(file: &Path) -> ExitCode {
    let columns = curve::HOLDS.map(|hold| format!(" borne at {hold} ms | attempts | most |"));
    say!("| buckets |{}", columns.concat());
    say!("|---|{}", "---|".repeat(3 * curve::HOLDS.len()));
    let mut points = Vec::new();
    for buckets in curve::BUCKETS {
        let row = thread::scope(|scope| {
            let measuring =
                curve::HOLDS.map(|hold| scope.spawn(move || curve::measure(buckets, hold)));
            measuring.map(|one| one.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        say!("{}", Row(&row));
        points.extend(row);
    }
    match curve::draw(&points, file) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", file.display());
            ExitCode::from(2)
        }
    }
}

/// One run, with its history.
fn again(guarantee: &Guarantee, number: u64) -> ExitCode {
    say!("{}, run {number}: {}", guarantee.name, guarantee.claim);
    let proof = runner::once(guarantee, &Run { number, told: true });
    match &proof {
        Ok(tally) => say!("It holds in this run: {tally}"),
        Err(violation) => say!("It does not hold in this run: {violation}"),
    }
    ended(proof.is_ok())
}

/// Many runs, with progress: a line that changes where somebody is looking, and otherwise a line a minute.
fn watched(guarantee: &Guarantee, runs: u64) -> runner::Outcome {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let looking = io::stderr().is_terminal();
    let every = if looking { SHOWN_EVERY } else { WRITTEN_EVERY };
    let shown = Mutex::new(Instant::now());
    let progress = |done: u64, violations: usize| {
        let Ok(mut shown) = shown.try_lock() else {
            return;
        };
        if shown.elapsed() < every {
            return;
        }
        *shown = Instant::now();
        let told = format!(
            "{}: {done} of {runs} runs, {violations} violations",
            guarantee.name
        );
        if looking {
            eprint!("\r\x1b[K{told}");
            let _ = io::stderr().flush();
        } else {
            eprintln!("{told}");
        }
    };
    let outcome = runner::many(guarantee, runs, threads, &progress);
    if looking {
        eprint!("\r\x1b[K");
    }
    outcome
}

fn ended(holds: bool) -> ExitCode {
    if holds {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
