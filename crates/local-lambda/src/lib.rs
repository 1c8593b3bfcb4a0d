//! A small AWS Lambda on this machine: it runs compiled functions as real processes behind an HTTP
//! front, so that tests call what is deployed and can kill a process in the middle of a request.
//!
//! [`LocalLambda`] is the whole. A request takes this way through the crate:
//!
//! - `front` takes it from the client, as an API Gateway HTTP API does, and gives the gateway's own
//!   answers: 404, 413, 500, 503;
//! - `routes` finds the function, `event` writes the event (payload format 2.0), `body` its body;
//! - `pool` finds an idle instance of the function, starts one, or lets the request wait its turn;
//! - `instance` is one process with a Runtime API of its own on a port of its own, so that the end of
//!   the process is the end of exactly the invocation it had;
//! - `runtime_api` is what the process talks to; `process` starts it and makes sure that it ends;
//! - `answer` makes the HTTP response of what the function answered.
//!
//! `function` and `error` are what callers declare and get; `logs` keeps what processes print, `load`
//! counts invocations under way, `ids` makes identifiers, `sync` takes locks.
//!
//! What it does not do: authorizers, CORS, retries of direct invocations, memory limits, Lambda's 6 MB
//! limit on events, streaming to the client (a streamed answer is sent when it is complete). Paths
//! reach the function as sent, not decoded. If this process is itself killed, its idle functions end
//! by themselves, because their Runtime API is gone; a busy one ends with its invocation.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod answer;
mod body;
mod error;
mod event;
mod front;
mod function;
mod ids;
mod instance;
mod load;
mod local_lambda;
mod logs;
mod pool;
mod process;
mod routes;
mod runtime_api;
mod sync;

pub use error::{FunctionError, InvokeError, StartError};
pub use function::{Function, Route};
pub use local_lambda::LocalLambda;
pub use process::Exit;
