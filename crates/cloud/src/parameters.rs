//! Secrets from the Parameter Store of AWS Systems Manager.

use std::collections::BTreeMap;

use domain::Secret;
use serde::Deserialize;
use serde_json::json;
use store::Connection;

use crate::{CallError, Service};

/// Parameters that could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ParametersError {
    /// The Parameter Store refuses or does not answer.
    #[error("the parameters {} can't be read", .names.join(", "))]
    Unread {
        /// Which.
        names: Vec<String>,
        /// Why.
        source: CallError,
    },
    /// There are no such parameters.
    #[error("there are no parameters {}: put them into the Parameter Store (`cargo shop keys make` makes them)", .0.join(", "))]
    Missing(Vec<String>),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter {
    name: String,
    value: Secret<String>,
}

/// The values of these parameters by their names, decrypted; ten at most, all or none.
pub async fn read(
    connection: &Connection,
    endpoint: Option<&str>,
    names: Vec<String>,
) -> Result<BTreeMap<String, Secret<String>>, ParametersError> {
    let service = Service::new(connection, "ssm", "ssm", endpoint);
    let headers = [
        ("x-amz-target", "AmazonSSM.GetParameters"),
        ("content-type", "application/x-amz-json-1.1"),
    ];
    let body = json!({"Names": names, "WithDecryption": true});
    let answer = match service.post("/", &headers, &body).await {
        Ok(answer) => answer,
        Err(source) => return Err(ParametersError::Unread { names, source }),
    };
    let found = answer.get("Parameters").cloned().unwrap_or_default();
    let found: Vec<Parameter> = serde_json::from_value(found).unwrap_or_default();
    let found = found.into_iter().map(|it| (it.name, it.value));
    let found: BTreeMap<_, _> = found.collect();
    let missing = names.into_iter().filter(|name| !found.contains_key(name));
    let missing: Vec<String> = missing.collect();
    if missing.is_empty() {
        Ok(found)
    } else {
        Err(ParametersError::Missing(missing))
    }
}
