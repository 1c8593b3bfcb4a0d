//! `cargo shop`: the shop on one machine, and what its owner does for one on AWS. One command is one module and one line in the
//! table below.

// Whoever stops reading what a command prints, as `head` does, must not end it in the middle of its work: these don't panic then.
#[macro_use(eprint, eprintln, println)]
extern crate anstream;

mod accounts;
mod audit;
pub mod bus;
mod db;
pub mod demo;
mod deploy_check;
mod error;
mod events;
mod grant_staff;
#[cfg(test)]
mod help_tests;
mod keys;
mod local;
pub mod mail;
mod out;
mod permissions;
mod processes;
mod program;
mod project;
mod replay_events;
mod replay_movements;
mod revoke_staff;
#[cfg(test)]
mod rights_tests;
mod seed;
mod supervise;
mod sync;
mod target;
mod up;

use std::{ffi::OsString, path::PathBuf};

use clap::{Parser, Subcommand};
pub use error::Failure;

/// Run an Oxcart shop on this machine, try it, check it; and look after one on AWS
#[derive(Parser)]
#[command(name = "cargo shop", bin_name = "cargo shop", version, after_help = EXIT_CODES)]
struct Shop {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Every command ends with 0 when it is done, and with 1 when it failed or found what it looks for. It ends with 2 when its \
arguments make no sense, and `audit` and `prove` also when they could not look.";

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
    /// Tell a whole story of customers and staff with a running shop, and check every answer
    Demo(demo::Demo),
    /// Print the events about orders that a shop's built-in bus was told, oldest first
    Bus(bus::Bus),
    /// Tell the event bus once more what happened to orders, made anew from the orders themselves
    ReplayEvents(replay_events::ReplayEvents),
    /// Write down the movements of stock that were given up, made anew from the catalogue table's stream
    ReplayMovements(replay_movements::ReplayMovements),
    /// Print the messages in a shop's built-in mailbox, such as links to set a password or news of orders
    Mail(mail::Mail),
    /// Read a shop's tables and name everything that does not agree
    ///
    /// What a stream may only be late with is waited for before it is named: about two minutes, beside the reading.
    Audit(audit::Audit),
    /// Make an account one of the shop's staff, who run the shop and don't buy in it
    GrantStaff(grant_staff::GrantStaff),
    /// Make one of the shop's staff a customer again, and end all sessions of the account
    ///
    /// No access token can be had for these sessions any more, and the next log-in is a customer's. An access token that was
    /// given out before can't be taken back: it is good for ten minutes, and the staff's until then.
    RevokeStaff(revoke_staff::RevokeStaff),
    /// List, make and replace the keys of the local shop, or of one on AWS
    Keys(keys::KeysCommand),
    /// Print what each function may do, by the policies in infra/
    Permissions(permissions::Permissions),
    /// Write signed, fresh events for `cargo lambda invoke`
    Events(events::Events),
    /// Build, deploy, use, change and delete the whole shop with the SAM CLI, on an emulator of AWS
    DeployCheck(deploy_check::DeployCheck),
    /// Measure operations side by side: --help tells more
    Bench(program::Bench),
    /// Prove in simulated time what the shop guarantees: --help tells more
    Prove(program::Prove),
    /// Write from infra/ what follows from it: executables, modules, routes, sample events, the README's table, the OpenAPI
    /// document and the schema of events
    Sync(sync::Sync),
    /// Keep a program and all it starts from outliving this command
    #[command(hide = true)]
    Supervise(supervise::Supervise),
}

/// The executable `cargo-lambda`: the one in the clone's `.shop/tools`, else the one on the path, else one fetched into
/// `.shop/tools`.
pub async fn cargo_lambda() -> Result<PathBuf, Failure> {
    up::tools::cargo_lambda(&project::Project::find()?).await
}

/// Runs the command that these arguments name; the first is the program's own name. Arguments that make no sense end
/// the process with an explanation.
pub async fn run<A: Into<OsString> + Clone>(
    arguments: impl IntoIterator<Item = A>,
) -> Result<(), Failure> {
    Shop::parse_from(arguments).command.run().await
}
