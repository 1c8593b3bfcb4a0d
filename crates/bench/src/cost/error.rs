//! Why no costs are told.

use std::{io, path::PathBuf};

use edge::{Problem, SettingError};
use local_shop::stream::StreamError;
use store::Failure;

/// Orders can't be played, or what they took can't be counted.
#[derive(Debug, thiserror::Error)]
pub enum CostError {
    /// A file can't be read or written.
    #[error("{} can't be read or written: {source}", file.display())]
    File {
        /// Which file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The templates don't have it.
    #[error("the templates have no {0}")]
    NotDeclared(&'static str),
    /// A function has no process.
    #[error(transparent)]
    NotStarted(#[from] processes::NotStarted),
    /// A key is none.
    #[error(transparent)]
    Key(#[from] SettingError),
    /// A token can't be signed.
    #[error("no token can be signed: {0}")]
    Token(#[source] Box<Problem>),
    /// A request of the story was refused.
    #[error("{operation} answered {status}: {text}")]
    Refused {
        /// Which operation.
        operation: &'static str,
        /// The status.
        status: u16,
        /// The answer.
        text: String,
    },
    /// An answer lacks what the story goes on with.
    #[error("the answer of {operation} has no {member}")]
    Lacks {
        /// Which operation.
        operation: &'static str,
        /// The member.
        member: &'static str,
    },
    /// A function without a route failed.
    #[error("{0} failed, which does not happen to orders that are played")]
    Failed(String),
    /// Records of a stream are not dealt with.
    #[error("{operation} does not deal with a record of its stream: {reason}")]
    NotDealtWith {
        /// Which function.
        operation: String,
        /// What is said of it.
        reason: String,
    },
    /// A stream can't be read.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// A message did not arrive.
    #[error("no message came for {0}")]
    NoMessage(String),
    /// The store failed where nothing is counted.
    #[error(transparent)]
    Store(#[from] Failure),
    /// An answer of DynamoDB is not understood.
    #[error("an answer of DynamoDB to {call} is not understood: {source}")]
    Unreadable {
        /// Which call.
        call: String,
        /// Why.
        source: serde_json::Error,
    },
    /// An answer of DynamoDB does not say what it cost.
    #[error("DynamoDB does not say what {0} cost")]
    Untold(String),
    /// It is not known what a call does, and so what its units are.
    #[error(
        "{0} is neither known to read nor to write: it needs a row in crates/bench/src/cost/units.rs"
    )]
    UnknownCall(String),
    /// The size of a table can't be had.
    #[error("the table {table} does not tell its size: {source}")]
    NoSize {
        /// Which table.
        table: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The time that this thread has computed can't be read.
    #[error("the system does not tell for how long this thread has computed: {0}")]
    NoTime(#[from] nix::Error),
}

impl From<Problem> for CostError {
    fn from(problem: Problem) -> Self {
        Self::Token(Box::new(problem))
    }
}
