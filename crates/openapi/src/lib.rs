//! The OpenAPI 3.1 document of the shop's API, made of what the shop is made of.
//!
//! - `operations`: every operation by its name; written by `cargo shop sync`.
//! - `types`: the types of an operation's body and answer, and their schemas.
//! - `comment`: what an operation's comment says: what it does, and its answers.
//! - `operation`: an operation of the document. Its route, its callers and its key are those of the template.
//! - `problems`: every refusal, whole.
//!
//! [`document`] puts them together.
//!
//! - [`event`]: the schema of what the event bus is told.

mod comment;
pub mod event;
mod operation;
mod operations;
mod problems;
mod types;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use edge::Slug;
use local_shop::{Operation, Route, Service, Shop};
use serde_json::{Map, Value, json};

use comment::{Comment, CommentError};
use types::{Schemas, Types};

/// The document's file, from the clone's root on.
pub const FILE: &str = "functions/contract/openapi.json";

const ABOUT: &str = "A shop without servers. Bodies are JSON, whole numbers without a point. Money is whole minor units with an ISO 4217 code. \
    Refusals are problem details (RFC 9457), and the last part of their `type` tells them apart. Where an \
    `Idempotency-Key` is required, the same key with the same request is answered with the first answer again, byte for \
    byte, and a declined payment is declined again; other refusals are not remembered. A 503 is to be repeated, with the same key if there was one. Lists go on after `next_cursor` until it is null. \
    An id that belongs to somebody else is answered like one that does not exist. The gateway answers some requests by \
    itself, with a `message` and no problem: 404 where there is no route, 413, 429 and 503 where there is too much, 500 where a function gave no answer.";

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// An operation of the templates that `operations` lacks.
    #[error("{0} is in infra/ and not in crates/openapi/src/operations.rs; run `cargo shop sync`")]
    NoTypes(String),
    /// Its file can't be read.
    #[error("{file}: {source}")]
    File {
        /// The operation's source.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Its comment does not say what the document needs.
    #[error("{file}: the comment of {operation} {source}")]
    Comment {
        /// The operation's source.
        file: PathBuf,
        /// The function.
        operation: String,
        /// Why.
        source: CommentError,
    },
}

/// The document of the shop whose clone is in the folder `root`.
pub fn document(root: &Path, shop: &Shop) -> Result<Value, DocumentError> {
    let mut schemas = Schemas::default();
    let mut paths = Map::new();
    for operation in shop.operations() {
        let Some(route) = &operation.route else {
            continue;
        };
        let types = operations::types(&operation.name, &mut schemas)
            .ok_or_else(|| DocumentError::NoTypes(operation.name.clone()))?;
        let comment = comment(root, operation, route, &types)?;
        let described = operation::described(operation, route, &comment, types);
        paths.entry(&route.path).or_insert_with(|| json!({}))[route.method.to_lowercase()] =
            described;
    }
    // Those that no operation names are there too: any function may meet them.
    for slug in Slug::ALL {
        problems::add(*slug, &mut schemas);
    }
    // Nobody calls a service without a route.
    let has_routes = |it: &&Service| it.operations.iter().any(|of| of.route.is_some());
    let tags = shop.services.iter().filter(has_routes);
    let tags: Vec<Value> = tags.map(|it| json!({"name": it.name})).collect();
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Oxcart",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas.components(),
            "headers": operation::headers(),
            "securitySchemes": {
                "session": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The access token of a session: of a guest, a customer or one of the staff.",
                },
            },
        },
    }))
}

/// The document, or a schema, as its file has it.
pub fn printed(document: &Value) -> String {
    // A JSON value always serializes.
    serde_json::to_string_pretty(document).unwrap_or_default() + "\n"
}

fn comment(
    root: &Path,
    operation: &Operation,
    route: &Route,
    types: &Types,
) -> Result<Comment, DocumentError> {
    let function = operation.name.replace('-', "_");
    let file = PathBuf::from(&operation.package)
        .join("src")
        .join(&function)
        .with_extension("rs");
    let source = match std::fs::read_to_string(root.join(&file)) {
        Ok(source) => source,
        Err(source) => return Err(DocumentError::File { file, source }),
    };
    let comment = Comment::of(&source, &function).and_then(|comment| comment.checked(route, types));
    comment.map_err(|source| DocumentError::Comment {
        file,
        operation: function,
        source,
    })
}
