//! The executables of the functions: `src/bin/<operation>.rs` and its `[[bin]]` in the package's Cargo.toml.

use std::fmt::Write;

use local_shop::{Operation, Shop, Workspace};

/// The file of an operation's executable, from the clone's root on.
pub fn file(operation: &Operation) -> String {
    format!("{}/src/bin/{}.rs", operation.package, operation.name)
}

/// What stands in it.
pub fn source(operation: &Operation) -> String {
    let serve = match operation.route {
        Some(_) => "serve",
        None => "serve_events",
    };
    let (library, function) = (library(operation), identifier(&operation.name));
    format!(
        "//! The Lambda function `{}`.

fn main() -> Result<(), edge::Error> {{
    edge::{serve}({library}::{function})
}}
",
        operation.name
    )
}

/// The library that has an operation, as Rust names it.
pub fn library(operation: &Operation) -> String {
    identifier(operation.package.rsplit('/').next().unwrap_or_default())
}

/// What declares the executables of a package in its Cargo.toml.
pub fn declarations(operations: &[&Operation]) -> String {
    let mut tables = Vec::new();
    for Operation { name, .. } in operations {
        // Else `cargo test` would link each a second time.
        tables.push(format!(
            "[[bin]]\nname = \"{name}\"\npath = \"src/bin/{name}.rs\"\ntest = false\n"
        ));
    }
    tables.join("\n")
}

/// A name as Rust writes it.
pub fn identifier(name: &str) -> String {
    name.replace('-', "_")
}

/// The executables in the functions' packages that belong to no operation, each a sentence with the way out. Cargo
/// finds those that no Cargo.toml declares, too.
pub fn without_operation(workspace: &Workspace, shop: &Shop) -> Vec<String> {
    let mut wrong = Vec::new();
    for binary in &workspace.binaries {
        let operation = shop.operation(&binary.name);
        let at_home = operation.is_some_and(|operation| operation.package == binary.package);
        if binary.package.starts_with("functions/") && !at_home {
            let mut told = format!(
                "{} belongs to no operation of {}",
                binary.source, binary.package
            );
            if let Some(operation) = operation {
                // Writing to a String can't fail.
                let _ = write!(told, ", but infra/ has one in {}", operation.package);
            }
            wrong.push(told + "; remove it");
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

    fn clone() -> (Workspace, Shop) {
        let project = Project::find().unwrap();
        let keys = local_shop::Keys::generate().unwrap();
        let shop = project.shop(&keys).unwrap();
        (project.workspace, shop)
    }

    #[test]
    fn an_executable_serves_requests_or_events() {
        let (_, shop) = clone();
        let place = shop.operation("place-order").unwrap();
        assert_eq!(file(place), "functions/orders/src/bin/place-order.rs");
        assert!(source(place).contains("    edge::serve(orders::place_order)\n"));
        let settle = shop.operation("settle-orders").unwrap();
        assert_eq!(
            source(settle),
            "//! The Lambda function `settle-orders`.\n\n\
             fn main() -> Result<(), edge::Error> {\n    edge::serve_events(orders::settle_orders)\n}\n"
        );
    }

    #[test]
    fn each_executable_is_declared_once_and_left_alone_by_cargo_test() {
        let (_, shop) = clone();
        let two = ["get-order", "pay-order"].map(|name| shop.operation(name).unwrap());
        assert_eq!(
            declarations(&two),
            "[[bin]]\nname = \"get-order\"\npath = \"src/bin/get-order.rs\"\ntest = false\n\n\
             [[bin]]\nname = \"pay-order\"\npath = \"src/bin/pay-order.rs\"\ntest = false\n"
        );
    }

    #[test]
    fn an_executable_of_no_operation_is_named() {
        let (mut workspace, shop) = clone();
        assert_eq!(without_operation(&workspace, &shop), [""; 0]);
        for binary in &mut workspace.binaries {
            match binary.name.as_str() {
                "log-in" => binary.package = "functions/orders".into(),
                "get-stock" => binary.name = "got-stock".into(),
                _ => {}
            }
        }
        let mut told = without_operation(&workspace, &shop);
        told.sort();
        assert_eq!(
            told,
            [
                "functions/catalogue/src/bin/get-stock.rs belongs to no operation of functions/catalogue; remove it",
                "functions/users/src/bin/log-in.rs belongs to no operation of functions/orders, but infra/ has one \
                 in functions/users; remove it",
            ]
        );
    }
}
