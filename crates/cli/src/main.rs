//! `cargo shop`: the shop on one machine. One command is one module and one line in the table below.

mod db;
mod error;
mod events;
mod local;
mod processes;
mod project;
mod seed;
mod supervise;
mod sync;
mod up;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use error::Failure;

/// Oxcart on one machine: run it, try it, check it.
#[derive(Parser)]
#[command(name = "cargo shop", bin_name = "cargo shop", version)]
struct Shop {
    #[command(subcommand)]
    command: Command,
}

/// The table of commands: each has a type of its arguments, and that has `run`.
macro_rules! commands {
    ($($(#[$about:meta])* $command:ident($arguments:ty),)*) => {
        #[derive(Subcommand)]
        enum Command {
            $($(#[$about])* $command($arguments),)*
        }

        impl Command {
            async fn run(self) -> Result<(), Failure> {
                match self {
                    $(Self::$command(arguments) => arguments.run().await,)*
                }
            }
        }
    };
}

commands! {
    /// Start the whole shop: DynamoDB, every function behind `cargo lambda watch`, stream and schedule
    Up(up::Up),
    /// Start only the DynamoDB, with tables, demo data and an .env for plain `cargo lambda watch`
    Db(db::Db),
    /// Write signed, fresh events for `cargo lambda invoke`
    Events(events::Events),
    /// Write from infra/ what follows from it: routes of `cargo lambda watch`, skeletons of events/
    Sync(sync::Sync),
    /// Keep a program and all it starts from outliving this command
    #[command(hide = true)]
    Supervise(supervise::Supervise),
}

#[tokio::main]
async fn main() -> ExitCode {
    match Shop::parse().command.run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
