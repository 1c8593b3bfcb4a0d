//! What a caller declares: the functions to run and the routes that lead to them.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use http::Method;

/// A compiled Lambda function and the settings it runs with.
#[derive(Debug, Clone)]
pub struct Function {
    /// The name routes and calls use, for example `place-order`.
    pub name: String,
    /// The executable, which speaks the Runtime API (any program built on `lambda_runtime` does).
    pub binary: PathBuf,
    /// Everything the process finds in its environment besides what Lambda itself sets. Nothing is
    /// inherited from this process: name credentials, region and log settings here.
    pub environment: BTreeMap<String, String>,
    /// How many instances may run at once, at least 1; further requests wait.
    pub max_instances: usize,
    /// How long one invocation may take. An instance that takes longer is killed.
    pub timeout: Duration,
    /// The memory size the function is told, in MiB. It is not enforced.
    pub memory_mib: u32,
}

/// One route of the HTTP front.
#[derive(Debug, Clone)]
pub struct Route {
    /// The method, matched exactly.
    pub method: Method,
    /// The path template, for example `/orders/{order_id}/payment`.
    pub path: String,
    /// The name of the function that answers.
    pub function: String,
}

impl Route {
    /// A route from `method` and `path` to `function`.
    pub fn new(method: Method, path: impl Into<String>, function: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            function: function.into(),
        }
    }

    /// The key API Gateway knows the route by, for example `POST /orders/{order_id}/payment`.
    pub(crate) fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}
