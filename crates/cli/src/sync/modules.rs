//! The operations in the `lib.rs` of their package: a module each, and its function for the executable.

use std::path::Path;

use local_shop::Operation;

use super::executables::identifier;
use crate::error::Failure;

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

/// The operations of a package that nobody has written, and the files of its library that are no module of it; each a
/// sentence with the way out.
pub fn wrong(
    root: &Path,
    package: &str,
    operations: &[&Operation],
) -> Result<Vec<String>, Failure> {
    let source = root.join(package).join("src");
    let mut wrong = Vec::new();
    for operation in operations {
        let file = format!("{}.rs", identifier(&operation.name));
        if !source.join(&file).exists() {
            let name = &operation.name;
            wrong.push(format!(
                "{package}/src/{file} is missing; write the operation {name} there"
            ));
        }
    }
    let library = source.join("lib.rs");
    let library = std::fs::read_to_string(&library).map_err(Failure::at(&library))?;
    for file in std::fs::read_dir(&source).map_err(Failure::at(&source))? {
        let file = file.map_err(Failure::at(&source))?.path();
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let is_module = library.contains(&format!("mod {stem};\n"));
        if file.is_file() && stem != "lib" && !is_module {
            wrong.push(format!(
                "{package}/src/{stem}.rs is no module of {package}; remove it"
            ));
        }
    }
    wrong.sort();
    Ok(wrong)
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

    #[test]
    fn an_operation_that_is_not_written_and_a_file_that_is_no_module_are_named() {
        let keys = local_shop::Keys::generate().unwrap();
        let shop = Project::find().unwrap().shop(&keys).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("functions/orders/src");
        std::fs::create_dir_all(&source).unwrap();
        for (file, text) in [
            ("lib.rs", "mod get_order;\nmod place_order;\n"),
            ("get_order.rs", ""),
            ("left_over.rs", ""),
        ] {
            std::fs::write(source.join(file), text).unwrap();
        }
        let two = ["place-order", "get-order"].map(|name| shop.operation(name).unwrap());
        let told = wrong(folder.path(), "functions/orders", &two).unwrap();
        assert_eq!(
            told,
            [
                "functions/orders/src/left_over.rs is no module of functions/orders; remove it",
                "functions/orders/src/place_order.rs is missing; write the operation place-order there",
            ]
        );
    }
}
