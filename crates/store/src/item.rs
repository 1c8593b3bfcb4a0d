//! Items and their attributes.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use serde::{Serialize, de::DeserializeOwned};

use crate::error::Corrupt;

/// An item, or the key of one.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Item(pub BTreeMap<String, AttributeValue>);

/// A value that an attribute can have.
pub trait Value {
    /// The value as DynamoDB writes it.
    fn attribute(self) -> AttributeValue;
}

impl Value for &str {
    fn attribute(self) -> AttributeValue {
        AttributeValue::S(self.to_owned())
    }
}

impl Value for String {
    fn attribute(self) -> AttributeValue {
        AttributeValue::S(self)
    }
}

impl Value for i64 {
    fn attribute(self) -> AttributeValue {
        AttributeValue::N(self.to_string())
    }
}

impl Value for u64 {
    fn attribute(self) -> AttributeValue {
        AttributeValue::N(self.to_string())
    }
}

impl Value for bool {
    fn attribute(self) -> AttributeValue {
        AttributeValue::Bool(self)
    }
}

impl Value for &[u8] {
    fn attribute(self) -> AttributeValue {
        AttributeValue::B(Blob::new(self))
    }
}

impl Item {
    /// The item with one more attribute.
    pub fn with(mut self, name: &str, value: impl Value) -> Self {
        self.0.insert(name.to_owned(), value.attribute());
        self
    }

    /// The item with one more attribute, if there is a value for it.
    pub fn with_some(self, name: &str, value: Option<impl Value>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The text of attribute `name`.
    pub fn text(&self, name: &'static str) -> Result<&str, Corrupt> {
        self.text_if_any(name)?.ok_or_else(|| self.corrupt(name))
    }

    /// The text of attribute `name`, if it is there.
    pub fn text_if_any(&self, name: &'static str) -> Result<Option<&str>, Corrupt> {
        match self.0.get(name) {
            None => Ok(None),
            Some(AttributeValue::S(text)) => Ok(Some(text)),
            Some(_) => Err(self.corrupt(name)),
        }
    }

    /// The number in attribute `name`.
    pub fn number<N: std::str::FromStr>(&self, name: &'static str) -> Result<N, Corrupt> {
        self.number_if_any(name)?.ok_or_else(|| self.corrupt(name))
    }

    /// The number in attribute `name`, if it is there.
    pub fn number_if_any<N: std::str::FromStr>(
        &self,
        name: &'static str,
    ) -> Result<Option<N>, Corrupt> {
        match self.0.get(name) {
            None => Ok(None),
            Some(AttributeValue::N(digits)) => {
                digits.parse().map(Some).map_err(|_| self.corrupt(name))
            }
            Some(_) => Err(self.corrupt(name)),
        }
    }

    /// The truth in attribute `name`.
    pub fn truth(&self, name: &'static str) -> Result<bool, Corrupt> {
        match self.0.get(name) {
            Some(AttributeValue::Bool(truth)) => Ok(*truth),
            _ => Err(self.corrupt(name)),
        }
    }

    /// The truth in attribute `name`, if it is there.
    pub fn truth_if_any(&self, name: &'static str) -> Result<Option<bool>, Corrupt> {
        match self.0.contains_key(name) {
            true => self.truth(name).map(Some),
            false => Ok(None),
        }
    }

    /// The bytes in attribute `name`.
    pub fn bytes(&self, name: &'static str) -> Result<&[u8], Corrupt> {
        match self.0.get(name) {
            Some(AttributeValue::B(bytes)) => Ok(bytes.as_ref()),
            _ => Err(self.corrupt(name)),
        }
    }

    /// What the text of attribute `name` is parsed to.
    pub fn parsed<T>(
        &self,
        name: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, Corrupt> {
        parse(self.text(name)?).ok_or_else(|| self.corrupt(name))
    }

    /// What the JSON in attribute `name` holds, if it is there.
    pub fn json<T: DeserializeOwned>(&self, name: &'static str) -> Result<Option<T>, Corrupt> {
        let Some(text) = self.text_if_any(name)? else {
            return Ok(None);
        };
        serde_json::from_str(text)
            .map(Some)
            .map_err(|_| self.corrupt(name))
    }

    /// What follows `prefix` in the names of attributes that begin with it.
    pub fn names_after(&self, prefix: &str) -> Vec<String> {
        let names = self.0.keys();
        names
            .filter_map(|name| name.strip_prefix(prefix))
            .map(str::to_owned)
            .collect()
    }

    /// The error that attribute `name` is not what it ought to be.
    pub fn corrupt(&self, name: &'static str) -> Corrupt {
        let part = |name| match self.0.get(name) {
            Some(AttributeValue::S(text)) => text.as_str(),
            _ => "",
        };
        Corrupt {
            item: format!("{} {}", part("pk"), part("sk")).trim().to_owned(),
            attribute: name,
        }
    }
}

/// The JSON text of plain data.
pub fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

impl From<HashMap<String, AttributeValue>> for Item {
    fn from(attributes: HashMap<String, AttributeValue>) -> Self {
        Self(attributes.into_iter().collect())
    }
}

impl From<serde_dynamo::Item> for Item {
    /// The item as a stream's record holds it.
    fn from(image: serde_dynamo::Item) -> Self {
        HashMap::<String, AttributeValue>::from(image).into()
    }
}

impl From<Item> for HashMap<String, AttributeValue> {
    fn from(item: Item) -> Self {
        item.0.into_iter().collect()
    }
}
