//! `cargo shop bench`: measures operations side by side in one run, so that what counts are ratios and not the machine, and
//! counts what an order takes.

use std::{error::Error, process::ExitCode};

use bench::{cost::Cost, log_in::LogIn};
use clap::{Parser, Subcommand};
use tokio::runtime::Runtime;

/// Measure operations side by side, in this process, on a DynamoDB in memory
#[derive(Parser)]
#[command(name = "cargo shop bench", bin_name = "cargo shop bench")]
struct Arguments {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Subcommand)]
enum Bench {
    LogIn(LogIn),
    Cost(Box<Cost>),
}

fn main() -> ExitCode {
    let Arguments { bench } = Arguments::parse();
    let measured: Result<(), Box<dyn Error>> = match bench {
        Bench::LogIn(bench) => Runtime::new()
            .map_err(Box::<dyn Error>::from)
            .and_then(|runtime| runtime.block_on(bench.run())),
        Bench::Cost(bench) => bench.run(),
    };
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
