//! `cargo shop prove`: the program in `crates/prove`, built for speed.

use std::ffi::OsString;

use clap::Args;

use crate::{error::Failure, program, project::Project};

#[derive(Args)]
#[command(disable_help_flag = true)]
pub struct Prove {
    /// What it is to do; --help tells
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

impl Prove {
    pub async fn run(self) -> Result<(), Failure> {
        program::run(&Project::find()?, "prove", "prove", self.arguments).await
    }
}
