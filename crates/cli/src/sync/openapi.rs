//! What the OpenAPI document is made from: the operations with their types, `crates/openapi/src/operations.rs`.

use std::fmt::Write;

use local_shop::Shop;

use super::executables::{identifier, library};

/// The file, from the clone's root on.
pub const FILE: &str = "crates/openapi/src/operations.rs";

/// What stands in it.
pub fn source(shop: &Shop) -> String {
    let mut source = String::from(
        "//! The types of every operation that has a route. Written by `cargo shop sync` from infra/.

use crate::types::{Schemas, Types};

/// The types of the operation with this name.
pub(crate) fn types(operation: &str, schemas: &mut Schemas) -> Option<Types> {
    let types = match operation {
",
    );
    for operation in shop.operations().filter(|it| it.route.is_some()) {
        let (name, library) = (&operation.name, library(operation));
        // Writing to a String can't fail.
        let _ = writeln!(
            source,
            "        \"{name}\" => schemas.types({library}::{}),",
            identifier(name)
        );
    }
    source + "        _ => return None,\n    };\n    Some(types)\n}\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

    #[test]
    fn an_operation_with_a_route_is_in_it() {
        let keys = local_shop::Keys::generate().unwrap();
        let shop = Project::find().unwrap().shop(&keys).unwrap();
        let source = source(&shop);
        assert!(source.contains("        \"get-order\" => schemas.types(orders::get_order),\n"));
        assert!(!source.contains("settle"), "{source}");
    }
}
