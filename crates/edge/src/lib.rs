//! How the shop is reached: AWS Lambda behind an API Gateway HTTP API.
//!
//! An operation is an async function of a service and a request; this crate does the rest around it.
//!
//! - [`serve()`], [`serve_events()`]: the whole `main` of a function with a route, and of one without.
//! - [`settings`]: what a function is told by its environment; [`Service`] is built from it.
//! - [`event`]: API Gateway's event becomes a [`Request`], whatever is in it.
//! - [`request`], [`query`], [`body()`], [`idempotency_key()`]: what an operation reads from a request.
//! - [`session`]: who is asking: tokens verified, and signed where sessions begin.
//! - [`response`]: what an operation answers; [`problem`]: what it answers when it refuses.
//! - `stores`: the tables an operation works with, from settings; `random`: bytes nobody can guess.
//! - [`stream`]: records of a table's stream; `order_events`: events about orders, from the built-in bus or EventBridge.
//! - `limits`: how many tries to log in, to register, to pay are let through.
//! - [`cursor`]: where the next page of a list begins, sealed.
//! - `log`: what is written down, and what never is; `metrics`: what is counted; `panic`: a panic is an answer, not an
//!   end.

mod body;
pub mod cursor;
mod error;
pub mod event;
mod events;
mod idempotency;
mod limits;
mod log;
mod metrics;
mod order_events;
mod panic;
pub mod problem;
pub mod query;
mod random;
pub mod request;
pub mod response;
mod serve;
pub mod session;
pub mod settings;
mod stores;
pub mod stream;

#[cfg(test)]
mod testing;

pub use body::body;
pub use cursor::{CursorKey, CursorScope, Page};
pub use error::{BoxError, Error};
pub use events::{Failed, deal, serve_events};
pub use idempotency::idempotency_key;
pub use lambda_http::http::StatusCode;
pub use limits::Limits;
pub use log::log_to;
pub use metrics::{Counted, Measure, Metric};
pub use order_events::OrderEvents;
pub use problem::{Problem, Slug};
pub use query::Query;
pub use random::{Random, random_bytes};
pub(crate) use request::deadline;
pub use request::{Request, path_id, source_ip};
pub use response::{Response, accepted, answered, created, no_content, ok, ok_json};
pub use serve::{answer, serve};
pub use session::{
    AccessToken, Clock, LinkKey, PublicKeys, RefreshKey, Session, Sessions, SigningKey, system_time,
};
pub use settings::{Service, SettingError, Settings};
pub use stores::{
    audited, carts, catalogue, checkout, deletion, event_bus, mailer, orders, payment_provider,
    throttle, users,
};

/// A request as HTTP has it.
pub type HttpRequest = lambda_http::Request;

/// An answer as HTTP has it.
pub type HttpResponse = lambda_http::Response<lambda_http::Body>;
