//! `cargo shop`: see the library.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match cli::run(std::env::args_os()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            anstream::eprintln!("error: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}
