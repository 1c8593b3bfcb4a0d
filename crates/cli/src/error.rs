//! Why a command failed: each a sentence with the way out.

use std::path::PathBuf;

use local_shop::{
    TemplateError, dynamodb::DynamoDbError, environment::Conflict, functions::BuildError,
    keys::KeysError, stream::StreamError, tables::TablesError,
};

/// A command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum Failure {
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error(transparent)]
    DynamoDb(#[from] DynamoDbError),
    #[error(transparent)]
    Build(#[from] BuildError),
    #[error(transparent)]
    Keys(#[from] KeysError),
    #[error(transparent)]
    Tables(#[from] TablesError),
    #[error(transparent)]
    Stream(#[from] StreamError),
    #[error(transparent)]
    Environment(#[from] Conflict),
    #[error(transparent)]
    Seed(#[from] crate::seed::SeedError),
    #[error("{} can't be read or written: {source}", file.display())]
    File {
        file: PathBuf,
        source: std::io::Error,
    },
    #[error("{} can't be understood: {reason}", file.display())]
    Malformed { file: PathBuf, reason: String },
    #[error("{0} can't be started: {1}")]
    NotStarted(String, std::io::Error),
    #[error(
        "`cargo shop {command}` already runs here, as process {pid}{at}; stop it with Ctrl-C in its terminal"
    )]
    AlreadyRunning {
        command: String,
        pid: u32,
        at: String,
    },
    #[error("port {port} is taken; stop what listens there or say --port with another one")]
    PortTaken { port: u16 },
    #[error(
        "cargo-lambda could not be fetched: {reasons}. Install it yourself (https://www.cargo-lambda.info/guide/installation.html), then try again"
    )]
    NoCargoLambda { reasons: String },
    #[error("`cargo lambda watch` ended by itself ({status}); the end of {}:\n{tail}", log.display())]
    WatchDied {
        status: String,
        log: PathBuf,
        tail: String,
    },
    #[error("`cargo lambda watch` does not listen after {seconds} s; the end of {}:\n{tail}", log.display())]
    WatchSilent {
        seconds: u64,
        log: PathBuf,
        tail: String,
    },
    #[error("{operation} can't be invoked: {reason}")]
    NotInvoked { operation: String, reason: String },
    #[error("{}", .0.join("\n"))]
    OutOfSync(Vec<String>),
    #[error("a token can't be signed: {0}")]
    NotSigned(String),
    #[error("{program} ended with {status}")]
    Supervised { program: String, status: String },
}

impl Failure {
    /// What to do with an I/O error at `file`.
    pub fn at(file: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let file = file.into();
        move |source| Self::File { file, source }
    }
}
