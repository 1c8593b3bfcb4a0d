//! The programs of the workspace that do a command's work. They are apart, so that nobody who only wants to run the shop
//! compiles them.

use std::ffi::{OsStr, OsString};

use clap::Args;
use local_shop::functions::forget_cargo;
use tokio::process::Command;

use crate::{error::Failure, project::Project, up::step};

/// A command that is a program of its own, built for speed: it has that program's arguments. Where the program does not come to say
/// itself how it ended, `$failed` says what that means.
macro_rules! forwarded {
    ($command:ident, $program:literal, $failed:ident) => {
        #[derive(Args)]
        #[command(disable_help_flag = true)]
        pub struct $command {
            /// What it is to do; --help tells
            #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
            arguments: Vec<OsString>,
        }

        impl $command {
            pub async fn run(self) -> Result<(), Failure> {
                self.within(Project::find()).await
            }

            /// Runs it in this clone, if there is one.
            async fn within(self, project: Result<Project, Failure>) -> Result<(), Failure> {
                let ran = match project {
                    Ok(project) => run(&project, $program, "prove", self.arguments).await,
                    Err(failure) => Err(failure),
                };
                ran.map_err($failed)
            }
        }
    };
}

forwarded!(Prove, "prove", not_proved);
forwarded!(Bench, "bench", not_measured);

/// Of `prove`, 1 would say that what it looks for was found.
fn not_proved(failure: Failure) -> Failure {
    Failure::NotProved(Box::new(failure))
}

/// A measurement looks for nothing, so it failed.
fn not_measured(failure: Failure) -> Failure {
    failure
}

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

#[cfg(test)]
mod tests {
    use local_shop::Workspace;

    use super::*;

    #[tokio::test]
    async fn whoever_could_not_look_does_not_say_that_something_was_found() {
        let folder = tempfile::tempdir().unwrap();
        // Cargo finds nothing to build there.
        let empty = || {
            Ok(Project {
                workspace: Workspace {
                    root: folder.path().to_owned(),
                    target: folder.path().join("target"),
                    binaries: Vec::new(),
                },
            })
        };
        let prove = |project| {
            Prove {
                arguments: Vec::new(),
            }
            .within(project)
        };
        let not_built = prove(empty()).await.unwrap_err();
        let Failure::NotProved(why) = &not_built else {
            panic!("{not_built}")
        };
        assert!(matches!(**why, Failure::NotRun { .. }), "{why}");
        assert_eq!(not_built.exit_code(), 2);
        let no_clone = prove(Err(Failure::NoneRuns)).await.unwrap_err();
        assert_eq!(no_clone.exit_code(), 2);
        let bench = |project| {
            Bench {
                arguments: Vec::new(),
            }
            .within(project)
        };
        let not_built = bench(empty()).await.unwrap_err();
        assert!(matches!(not_built, Failure::NotRun { .. }), "{not_built}");
        assert_eq!(not_built.exit_code(), 1);
    }
}
