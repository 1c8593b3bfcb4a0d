//! JSON Schemas of values that are texts in JSON. Those of structs and enums are derived.

/// Gives a type the schema of a text that follows these rules, written out wherever the type is used.
macro_rules! text_schema {
    ($type:ident, $($rule:tt)*) => {
        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", $($rule)* })
            }
        }
    };
}

pub(crate) use text_schema;
