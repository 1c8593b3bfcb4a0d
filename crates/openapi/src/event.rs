//! The JSON Schema of an event about an order, for whoever listens to the event bus. It is made of the type that is
//! published.

use schemars::generate::{Contract, SchemaSettings};
use serde_json::Value;
use store::orders::OrderChange;

use crate::types::list_words;

/// The schema's file, from the clone's root on.
pub const FILE: &str = "docs/events/order.schema.json";

/// The schema.
pub fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.contract = Contract::Serialize;
    });
    let generator = settings.into_generator();
    let mut schema = generator.into_root_schema_for::<OrderChange>().to_value();
    list_words(&mut schema);
    schema
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_file_is_what_the_published_type_says() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let file = std::fs::read_to_string(root.join(FILE)).unwrap();
        assert_eq!(file, crate::printed(&schema()), "run `cargo shop sync`");
    }
}
