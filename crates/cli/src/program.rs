//! The programs of the workspace that do a command's work. They are apart, so that nobody who only wants to run the shop
//! compiles them.

use std::ffi::{OsStr, OsString};

use clap::Args;
use local_shop::functions::forget_cargo;
use tokio::process::Command;

use crate::{error::Failure, project::Project, up::step};

/// A command that is a program of its own, built for speed: it has that program's arguments.
macro_rules! forwarded {
    ($command:ident, $program:literal) => {
        #[derive(Args)]
        #[command(disable_help_flag = true)]
        pub struct $command {
            /// What it is to do; --help tells
            #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
            arguments: Vec<OsString>,
        }

        impl $command {
            pub async fn run(self) -> Result<(), Failure> {
                run(&Project::find()?, $program, "prove", self.arguments).await
            }
        }
    };
}

forwarded!(Prove, "prove");
forwarded!(Bench, "bench");

/// Runs a program with these arguments, built in this profile. When it ends with 1 or 2, so does this process: it has said
/// itself what it found, or why it could not look.
pub async fn run(
    project: &Project,
    program: &str,
    profile: &str,
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Result<(), Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut running = std::process::Command::new(cargo);
    forget_cargo(&mut running);
    // Not from the root: files that are named are named from here.
    running
        .args(["run", "--bin", program, "--profile", profile])
        .arg("--manifest-path")
        .arg(project.workspace.root.join("Cargo.toml"))
        .arg("--")
        .args(arguments);
    step(&format!(
        "Building `{program}` for speed, unless it is built (the first time takes minutes)"
    ));
    let started = |error| Failure::NotStarted(format!("cargo run --bin {program}"), error);
    let status = Command::from(running).status().await.map_err(started)?;
    match status.code() {
        Some(0) => Ok(()),
        Some(code @ (1 | 2)) => std::process::exit(code),
        // Cargo's own code, a panic's, or a signal.
        Some(_) | None => Err(Failure::NotRun {
            program: program.to_owned(),
            status: status.to_string(),
        }),
    }
}
