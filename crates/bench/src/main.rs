//! `cargo shop bench`: measures operations side by side in one run, so that what counts are ratios and not the machine.

mod log_in;
mod shop;
mod times;

use std::{error::Error, process::ExitCode};

use clap::{Parser, Subcommand};

/// Measures operations side by side, in this process, on a DynamoDB in memory.
#[derive(Parser)]
#[command(name = "cargo shop bench", bin_name = "cargo shop bench")]
struct Arguments {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Subcommand)]
enum Bench {
    /// Log-ins that fail: for an account that exists, and for an address that nobody has. Their times should not differ
    LogIn(log_in::LogIn),
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { bench } = Arguments::parse();
    let measured: Result<(), Box<dyn Error>> = match bench {
        Bench::LogIn(bench) => bench.run().await,
    };
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
