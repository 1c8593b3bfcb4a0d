//! The shop on one machine: what `infra/` describes, without AWS.
//!
//! The command `cargo shop` and the tests share it.

/// The embedded DynamoDB.
pub mod dynamodb;
/// What an operation's function finds in its environment.
pub mod environment;
/// The functions' executables, built once.
pub mod functions;
/// Local keys.
pub mod keys;
/// The stream of a table, brought to its function.
pub mod stream;
/// The tables, made at a DynamoDB.
pub mod tables;
/// `infra/`, read: operations, routes and tables.
pub mod template;

pub use dynamodb::DynamoDb;
pub use environment::environment;
pub use functions::{Functions, Workspace};
pub use keys::Keys;
pub use stream::Pump;
pub use template::{Operation, Route, Service, Shop, Source, Table, TemplateError};
