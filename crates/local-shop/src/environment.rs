//! What a function finds in its environment on this machine.

use std::collections::BTreeMap;

use crate::Operation;

/// The Region that everything local claims to be in.
pub const REGION: &str = "us-east-1";

/// Two operations want one variable with two values, so they can't share an environment.
#[derive(Debug, thiserror::Error)]
#[error("{name} is not the same for all functions, but `cargo lambda watch` gives all the same")]
pub struct Conflict {
    /// The variable.
    pub name: String,
}

/// An operation's environment: what the template says, and what Lambda would set for a DynamoDB at `endpoint`.
pub fn environment(operation: &Operation, endpoint: &str) -> BTreeMap<String, String> {
    let mut variables = operation.environment.clone();
    let aws = [
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_ENDPOINT_URL_DYNAMODB", endpoint),
    ];
    variables.extend(aws.map(|(name, value)| (name.to_owned(), value.to_owned())));
    variables
}

/// One environment for all of them, which is what `cargo lambda watch` can give.
pub fn shared<'o>(
    operations: impl IntoIterator<Item = &'o Operation>,
    endpoint: &str,
) -> Result<BTreeMap<String, String>, Conflict> {
    let mut shared = BTreeMap::new();
    for operation in operations {
        for (name, value) in environment(operation, endpoint) {
            if shared
                .insert(name.clone(), value.clone())
                .is_some_and(|other| other != value)
            {
                return Err(Conflict { name });
            }
        }
    }
    Ok(shared)
}

/// The variables as an env-file: a line each, and what is more than a word in single quotes. Shells read it alike.
pub fn env_file(variables: &BTreeMap<String, String>) -> String {
    let line = |(name, value): (&String, &String)| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-./:".contains(&b);
        if value.bytes().all(plain) {
            format!("{name}={value}\n")
        } else {
            format!("{name}='{value}'\n")
        }
    };
    variables.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_quoted_in_an_env_file() {
        let variables = [("A", "http://127.0.0.1:1"), ("B", r#"{"keys":[]}"#)];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let file = env_file(&variables.into());
        assert_eq!(file, "A=http://127.0.0.1:1\nB='{\"keys\":[]}'\n");
    }
}
