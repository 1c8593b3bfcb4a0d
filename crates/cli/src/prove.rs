//! `cargo shop prove`: the program in `crates/prove`, built for speed. It is apart, so that nobody who only wants to run
//! the shop compiles a simulation of it.

use std::ffi::OsString;

use clap::Args;
use local_shop::functions::forget_cargo;
use tokio::process::Command;

use crate::{error::Failure, project::Project};

#[derive(Args)]
#[command(disable_help_flag = true)]
pub struct Prove {
    /// What it is to do; --help tells
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

impl Prove {
    pub async fn run(self) -> Result<(), Failure> {
        let project = Project::find()?;
        let mut proving =
            std::process::Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        forget_cargo(&mut proving);
        // Not from the root: files that are named are named from here.
        proving
            .args(["run", "--bin", "prove", "--profile", "prove"])
            .arg("--manifest-path")
            .arg(project.workspace.root.join("Cargo.toml"))
            .arg("--")
            .args(self.arguments);
        let started = |error| Failure::NotStarted("cargo run --bin prove".to_owned(), error);
        let status = Command::from(proving).status().await.map_err(started)?;
        match status.code() {
            Some(0) => Ok(()),
            // It has said itself what it found.
            Some(code) => std::process::exit(code),
            None => Err(Failure::Supervised {
                program: "prove".to_owned(),
                status: status.to_string(),
            }),
        }
    }
}
