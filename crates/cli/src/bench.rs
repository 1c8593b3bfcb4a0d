//! `cargo shop bench`: the program in `crates/bench`, built for speed.

use std::ffi::OsString;

use clap::Args;

use crate::{error::Failure, program, project::Project};

#[derive(Args)]
#[command(disable_help_flag = true)]
pub struct Bench {
    /// What it is to measure; --help tells
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

impl Bench {
    pub async fn run(self) -> Result<(), Failure> {
        program::run(&Project::find()?, "bench", "prove", self.arguments).await
    }
}
