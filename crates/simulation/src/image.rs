//! Items as DynamoDB writes them, read as the store reads them.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use serde_json::Value;
use store::item::Item;

/// The item in DynamoDB's JSON. What is none is an empty item.
pub(crate) fn item(json: &Value) -> Item {
    let attributes = json.as_object().into_iter().flatten();
    let attributes = attributes.filter_map(|(name, value)| Some((name.clone(), attribute(value)?)));
    Item(attributes.collect())
}

/// An attribute of the kinds that the shop writes.
fn attribute(value: &Value) -> Option<AttributeValue> {
    let (kind, value) = value.as_object()?.iter().next()?;
    Some(match kind.as_str() {
        "S" => AttributeValue::S(value.as_str()?.to_owned()),
        "N" => AttributeValue::N(value.as_str()?.to_owned()),
        "BOOL" => AttributeValue::Bool(value.as_bool()?),
        "B" => AttributeValue::B(Blob::new(
            data_encoding::BASE64
                .decode(value.as_str()?.as_bytes())
                .ok()?,
        )),
        _ => return None,
    })
}
