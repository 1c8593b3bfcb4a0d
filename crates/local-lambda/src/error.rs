//! What can go wrong: at the start of [`LocalLambda`](crate::LocalLambda), and in one invocation.

use std::{io, path::PathBuf, time::Duration};

use serde_json::Value;

use crate::process::Exit;

/// Why [`LocalLambda::start`](crate::LocalLambda::start) refused. No process was started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A function's executable is not there.
    #[error("the binary of {function} is not at {}: build it first", binary.display())]
    MissingBinary {
        /// The function's name.
        function: String,
        /// Where the executable was expected.
        binary: PathBuf,
    },
    /// Two functions have one name.
    #[error("two functions are called {function}: give each a name of its own")]
    DuplicateFunction {
        /// The name both have.
        function: String,
    },
    /// A function may have no instance at all.
    #[error("{function} may have no instance: set max_instances to 1 or more")]
    NoInstances {
        /// The function's name.
        function: String,
    },
    /// A route leads to a function that is not declared.
    #[error("the route {route} leads to {function}, which is not among the functions: declare it")]
    UnknownFunction {
        /// The route's key.
        route: String,
        /// The name it leads to.
        function: String,
    },
    /// A path template is not one of static segments and `{variables}`.
    #[error("the route {route} is not a path of static segments and {{variables}}: correct it")]
    InvalidPath {
        /// The route's key.
        route: String,
    },
    /// Two routes match the same requests.
    #[error("the routes {first} and {second} match the same requests: remove one")]
    SameRoute {
        /// The key of the one declared first.
        first: String,
        /// The key of the other.
        second: String,
    },
    /// No port could be opened on the loopback interface.
    #[error("the HTTP front could not open a port on 127.0.0.1")]
    Bind(#[source] io::Error),
}

/// Why an invocation has no answer. The HTTP front turns these into the gateway's own 500 and 503.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// No function of this name was declared.
    #[error("there is no function called {function}: it was not given to LocalLambda::start")]
    UnknownFunction {
        /// The name asked for.
        function: String,
    },
    /// The process could not be started at all.
    #[error("{function} could not be started: is its binary still there and executable?")]
    NotStarted {
        /// The function's name.
        function: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The process ended before it asked for its first invocation.
    #[error("{function} ended as it started ({exit}): its log says why, often a missing setting")]
    ExitedAtStart {
        /// The function's name.
        function: String,
        /// How the process ended.
        exit: Exit,
    },
    /// The function reported that it can't start.
    #[error("{function} reported that it can't start")]
    Init {
        /// The function's name.
        function: String,
        /// What it reported.
        source: FunctionError,
    },
    /// The process did not ask for an invocation in time, and was killed.
    #[error("{function} did not ask for an invocation within {limit:?} of its start")]
    StartTimedOut {
        /// The function's name.
        function: String,
        /// The time it had.
        limit: Duration,
    },
    /// The function answered with an error of its own.
    #[error("{function} answered with an error")]
    Function {
        /// The function's name.
        function: String,
        /// What it reported.
        source: FunctionError,
    },
    /// The process ended with the invocation under way. What it had done by then stays done.
    #[error("{function} ended during the invocation ({exit}): its log may say why")]
    Crashed {
        /// The function's name.
        function: String,
        /// How the process ended.
        exit: Exit,
    },
    /// The invocation took longer than the function's timeout; the instance was killed.
    #[error("{function} did not answer within {limit:?}")]
    TimedOut {
        /// The function's name.
        function: String,
        /// The function's timeout.
        limit: Duration,
    },
    /// The answer is larger than Lambda passes on.
    #[error("the answer of {function} is larger than {limit} bytes")]
    AnswerTooLarge {
        /// The function's name.
        function: String,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The answer is not the JSON a direct invocation expects.
    #[error("the answer of {function} is not JSON")]
    NotJson {
        /// The function's name.
        function: String,
        /// Where it stops being JSON.
        source: serde_json::Error,
    },
    /// [`LocalLambda`](crate::LocalLambda) has been shut down.
    #[error("{function} was not invoked: this LocalLambda has been shut down")]
    ShutDown {
        /// The function's name.
        function: String,
    },
}

/// An error as a function reports it to the Runtime API.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{error_type}: {message}")]
pub struct FunctionError {
    /// The report's `errorType`.
    pub error_type: String,
    /// The report's `errorMessage`.
    pub message: String,
    /// The whole report.
    pub payload: Value,
}

impl FunctionError {
    /// Reads a report. One that is not JSON is kept as a text; `header` names the type if it doesn't.
    pub(crate) fn read(header: Option<&str>, report: &[u8]) -> Self {
        let payload = serde_json::from_slice(report)
            .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(report)));
        let text = |member: &str| {
            payload
                .get(member)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        Self {
            error_type: text("errorType")
                .or_else(|| header.map(str::to_owned))
                .unwrap_or_else(|| "Unhandled".to_owned()),
            message: text("errorMessage").unwrap_or_default(),
            payload,
        }
    }
}
