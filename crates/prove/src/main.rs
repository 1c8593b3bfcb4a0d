//! `cargo shop prove`: looks for runs in which what the shop guarantees does not hold.

use std::{
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
    planted::{BUGS, Bug, Fate, WorkspaceCopy},
    report::{Planted, Report},
    runner,
};

/// Looks for runs in which what the shop guarantees does not hold, in simulated time, in numbered runs. Exits
/// with 1 when it finds one, and with 2 when it can't run.
#[derive(Parser)]
#[command(name = "cargo shop prove", bin_name = "cargo shop prove")]
struct Arguments {
    /// The guarantees to look at; all of them when none is named
    names: Vec<String>,
    /// As many runs as the guarantees are stated with, instead of as many as `cargo test` makes
    #[arg(long)]
    full: bool,
    /// As many runs of each guarantee
    #[arg(long, value_name = "RUNS", conflicts_with = "full")]
    runs: Option<u64>,
    /// Makes one run again and prints its history: run N of the guarantee that is named, or of the first
    #[arg(long, value_name = "N", conflicts_with_all = ["full", "runs", "json"])]
    seed: Option<u64>,
    /// Writes what came of it to this file, too
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Plants bugs in a copy of the shop, one at a time, and looks whether the guarantees notice
    #[arg(long, conflicts_with_all = ["full", "runs", "seed"])]
    planted: bool,
    /// Measures how much one product bears by the number of its buckets, and draws it into this file (SVG)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["names", "full", "runs", "seed", "planted", "json"])]
    curve: Option<PathBuf>,
    /// Lists the guarantees and what each claims
    #[arg(long)]
    list: bool,
}

/// A fifth of the time of a run went into the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often progress is shown, on a terminal and elsewhere.
const SHOWN_EVERY: Duration = Duration::from_millis(500);
const WRITTEN_EVERY: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match guarantees(&arguments.names) {
        Ok(guarantees) => prove(&arguments, &guarantees),
        Err(unknown) => {
            eprintln!("There is no guarantee {unknown}; cargo shop prove --list names them.");
            ExitCode::from(2)
        }
    }
}

fn guarantees(names: &[String]) -> Result<Vec<&'static Guarantee>, &String> {
    if names.is_empty() {
        return Ok(GUARANTEES.iter().collect());
    }
    names.iter().map(|name| named(name).ok_or(name)).collect()
}

fn prove(arguments: &Arguments, guarantees: &[&'static Guarantee]) -> ExitCode {
    if arguments.list {
        for guarantee in guarantees {
            println!("{:<14} {}", guarantee.name, guarantee.claim);
        }
        return ExitCode::SUCCESS;
    }
    if let (Some(number), Some(guarantee)) = (arguments.seed, guarantees.first()) {
        return again(guarantee, number);
    }
    if let Some(file) = &arguments.curve {
        return measure(file);
    }
    if arguments.planted {
        return plant(arguments, guarantees);
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
        println!("{outcome}");
        all_hold &= outcome.holds();
        report.guarantees.push((&outcome).into());
    }
    println!("{} guarantees in {:.0?}", guarantees.len(), began.elapsed());
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

/// Plants the bugs that these guarantees should notice.
fn plant(arguments: &Arguments, guarantees: &[&'static Guarantee]) -> ExitCode {
    let began = Instant::now();
    let copy = match WorkspaceCopy::make() {
        Ok(copy) => copy,
        Err(error) => {
            eprintln!("The shop can't be copied: {error}");
            return ExitCode::from(2);
        }
    };
    let noticed_by = |bug: &&Bug| guarantees.iter().any(|it| it.name == bug.guarantee);
    let bugs: Vec<&Bug> = BUGS.iter().filter(noticed_by).collect();
    let mut caught = 0;
    for (number, bug) in bugs.iter().enumerate() {
        eprintln!("{} of {}: {}", number + 1, bugs.len(), bug.name);
        match bug.try_out(&copy) {
            Ok(Fate::Caught(how)) => {
                caught += 1;
                println!("caught: {} by {}: {how}", bug.name, bug.guarantee);
            }
            Ok(Fate::Missed) => {
                println!("MISSED: {} by {}: {}", bug.name, bug.guarantee, bug.meaning)
            }
            Err(error) => {
                eprintln!("{} can't be planted: {error}", bug.name);
                return ExitCode::from(2);
            }
        }
    }
    println!(
        "planted: {caught} of {} bugs caught, in {:.0?}",
        bugs.len(),
        began.elapsed()
    );
    let planted = bugs.len();
    let report = Report {
        planted: Some(Planted { planted, caught }),
        ..Report::default()
    };
    told(arguments, &report, caught == planted)
}

/// Measures the curve of hot products.
fn measure(file: &Path) -> ExitCode {
    let columns = curve::HOLDS.map(|hold| format!(" borne at {hold} ms | attempts | most |"));
    println!("| buckets |{}", columns.concat());
    println!("|---|{}", "---|".repeat(3 * curve::HOLDS.len()));
    let mut points = Vec::new();
    for buckets in curve::BUCKETS {
        let row = thread::scope(|scope| {
            let measuring =
                curve::HOLDS.map(|hold| scope.spawn(move || curve::measure(buckets, hold)));
            measuring.map(|one| one.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        println!("{}", Row(&row));
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
    println!("{}, run {number}: {}", guarantee.name, guarantee.claim);
    let proof = runner::once(guarantee, &Run { number, told: true });
    match &proof {
        Ok(tally) => println!("It holds in this run: {tally}"),
        Err(violation) => println!("It does not hold in this run: {violation}"),
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
