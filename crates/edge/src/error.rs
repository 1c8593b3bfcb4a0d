//! Why a function ends.

use std::fmt;

use crate::SettingError;

/// Any error, as operations without a route may return it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a function could not start, or could not go on.
#[derive(thiserror::Error)]
pub enum Error {
    /// A setting is missing or malformed.
    #[error("{0}")]
    Setting(#[from] SettingError),
    /// The program was started by something that isn't Lambda.
    #[error(
        "the environment variable {0} is missing: this program is a Lambda function, started by \
         Lambda or a local stand-in such as `cargo lambda watch`"
    )]
    NotLambda(&'static str),
    /// The async runtime could not start.
    #[error("the async runtime could not start: {0}")]
    Start(#[from] std::io::Error),
    /// The conversation with Lambda broke off.
    #[error("the conversation with Lambda broke off: {0}")]
    Runtime(#[source] BoxError),
}

/// `main` prints an error by `Debug`, and an operator wants to read the sentence.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
