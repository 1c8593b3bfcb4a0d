//! The operations in the `lib.rs` of their package: a module each, and its function for the executable.

use local_shop::Operation;

use super::executables::identifier;

/// The lines, in the order that rustfmt keeps.
pub fn part(operations: &[&Operation]) -> String {
    let names = operations.iter().map(|operation| operation.name.as_str());
    let mut names: Vec<String> = names.map(identifier).collect();
    names.sort_unstable();
    let modules = names.iter().map(|name| format!("mod {name};\n"));
    let functions = names
        .iter()
        .map(|name| format!("pub use {name}::{name};\n"));
    let (modules, functions): (String, String) = (modules.collect(), functions.collect());
    format!("{modules}\n{functions}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

    #[test]
    fn modules_and_functions_are_sorted() {
        let keys = local_shop::Keys::generate().unwrap();
        let shop = Project::find().unwrap().shop(&keys).unwrap();
        let two = ["place-order", "get-order"].map(|name| shop.operation(name).unwrap());
        assert_eq!(
            part(&two),
            "mod get_order;\nmod place_order;\n\n\
             pub use get_order::get_order;\npub use place_order::place_order;\n"
        );
    }
}
