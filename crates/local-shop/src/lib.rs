//! The shop on one machine: what `infra/` describes, without AWS.
//!
//! The command `cargo shop` and the tests share it.
//!
//! - [`template`]: `infra/`, read: operations, routes, tables, and what each function may do.
//! - [`keys`]: local keys; [`environment`](mod@environment): what an operation's function finds in its environment.
//! - [`dynamodb`]: the embedded DynamoDB, or another one; [`tables`]: the tables, made at one.
//! - [`stream`]: the stream of a table, brought to its function.
//! - [`functions`]: the functions' executables, built once.

pub mod dynamodb;
pub mod environment;
pub mod functions;
pub mod keys;
pub mod stream;
pub mod tables;
pub mod template;

pub use dynamodb::DynamoDb;
pub use environment::environment;
pub use functions::{Functions, Workspace};
pub use keys::Keys;
pub use stream::{Mapping, Pump};
pub use template::{
    Action, Declared, Grant, Operation, Permission, Permissions, Policy, Queue, Route, Service,
    ServiceAction, ServiceGrant, Shop, Source, Table, TemplateError, Watching, Who, arn,
};
