//! Which records of a stream a function is meant to get: the part of Lambda's filter patterns that the templates use.

use std::collections::BTreeMap;

use serde_json::Value;

/// Filter patterns, of which one must match; without any, everything does.
#[derive(Clone, Debug, Default)]
pub struct Filter(Vec<Pattern>);

#[derive(Clone, Debug)]
enum Pattern {
    /// Every member must match.
    Members(BTreeMap<String, Pattern>),
    /// One of these must match.
    Choices(Vec<Choice>),
}

#[derive(Clone, Debug)]
enum Choice {
    Exactly(Value),
    Prefix(String),
    Exists(bool),
}

/// A filter pattern is not understood.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    /// It is no JSON.
    #[error("the filter pattern is no JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// It says something that is not known here.
    #[error(
        "the filter pattern {0} is not understood locally; exact values, prefix and exists are"
    )]
    Unknown(Value),
}

impl Filter {
    /// Lets through what matches this pattern, too.
    pub(crate) fn or(&mut self, pattern: &str) -> Result<(), FilterError> {
        self.0.push(parse(serde_json::from_str(pattern)?)?);
        Ok(())
    }

    /// Whether a record is let through.
    pub fn matches(&self, record: &Value) -> bool {
        self.0.is_empty() || self.0.iter().any(|pattern| pattern.matches(Some(record)))
    }
}

fn parse(pattern: Value) -> Result<Pattern, FilterError> {
    match pattern {
        Value::Object(members) => {
            let members = members.into_iter();
            let members = members.map(|(name, pattern)| parse(pattern).map(|p| (name, p)));
            Ok(Pattern::Members(members.collect::<Result<_, _>>()?))
        }
        Value::Array(choices) => Ok(Pattern::Choices(
            choices.into_iter().map(choice).collect::<Result<_, _>>()?,
        )),
        other => Err(FilterError::Unknown(other)),
    }
}

fn choice(choice: Value) -> Result<Choice, FilterError> {
    match &choice {
        Value::Object(rule) if rule.len() == 1 => match (rule.get("prefix"), rule.get("exists")) {
            (Some(Value::String(prefix)), _) => Ok(Choice::Prefix(prefix.clone())),
            (_, Some(Value::Bool(exists))) => Ok(Choice::Exists(*exists)),
            _ => Err(FilterError::Unknown(choice)),
        },
        Value::Object(_) | Value::Array(_) => Err(FilterError::Unknown(choice)),
        _ => Ok(Choice::Exactly(choice)),
    }
}

impl Pattern {
    fn matches(&self, value: Option<&Value>) -> bool {
        match self {
            Self::Members(members) => members
                .iter()
                .all(|(name, pattern)| pattern.matches(value.and_then(|value| value.get(name)))),
            Self::Choices(choices) => choices.iter().any(|choice| match (choice, value) {
                (Choice::Exists(wanted), value) => value.is_some() == *wanted,
                (Choice::Exactly(wanted), Some(value)) => value == wanted,
                (Choice::Prefix(prefix), Some(Value::String(text))) => text.starts_with(prefix),
                _ => false,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn filter(pattern: &str) -> Result<Filter, FilterError> {
        let mut filter = Filter::default();
        filter.or(pattern)?;
        Ok(filter)
    }

    #[test]
    fn buckets_pass_and_nothing_else_does() {
        let buckets = r#"{"dynamodb": {"Keys": {"pk": {"S": [{"prefix": "STOCK#"}]}, "sk": {"S": ["BUCKET"]}}}}"#;
        let filter = filter(buckets).unwrap();
        let record = |pk, sk| json!({"dynamodb": {"Keys": {"pk": {"S": pk}, "sk": {"S": sk}}}});
        assert!(filter.matches(&record("STOCK#mug#0", "BUCKET")));
        assert!(!filter.matches(&record("STOCK#mug", "MOVE#00#1")));
        assert!(!filter.matches(&record("PRODUCT#mug", "PRODUCT")));
        assert!(!filter.matches(&json!({"dynamodb": {}})));
    }

    #[test]
    fn no_pattern_lets_everything_through() {
        assert!(Filter::default().matches(&json!({})));
    }

    #[test]
    fn an_unknown_rule_is_refused() {
        for pattern in [r#"{"a": [{"numeric": [">", 1]}]}"#, r#"{"a": "b"}"#, "{"] {
            assert!(filter(pattern).is_err(), "{pattern}");
        }
    }
}
