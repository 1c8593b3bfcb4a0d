//! Every operation has its executable, and every executable its operation.

use local_shop::{Shop, Workspace};

/// What is wrong; each a sentence with the way out.
pub fn wrong(workspace: &Workspace, shop: &Shop) -> Vec<String> {
    let mut wrong = Vec::new();
    for operation in shop.operations() {
        let (name, package) = (&operation.name, &operation.package);
        let found = workspace
            .binaries
            .iter()
            .find(|binary| binary.name == *name);
        match found {
            None => wrong.push(format!(
                "{package}/Cargo.toml declares no [[bin]] {name}, which infra/ has; add it, with test = false"
            )),
            Some(binary) if binary.package != *package => wrong.push(format!(
                "{name} is an executable of {}, but infra/ says {package}; move it or change CodeUri",
                binary.package
            )),
            Some(binary) if binary.test => wrong.push(format!(
                "{package}/Cargo.toml lets `cargo test` link {name} a second time; say test = false under its [[bin]]"
            )),
            Some(_) => {}
        }
    }
    for binary in &workspace.binaries {
        if binary.package.starts_with("functions/") && shop.operation(&binary.name).is_none() {
            wrong.push(format!(
                "{}/Cargo.toml declares {}, which infra/ does not know; add it to a template or remove it",
                binary.package, binary.name
            ));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

    #[test]
    fn each_deviation_is_named() {
        let project = Project::find().unwrap();
        let shop = project
            .shop(&local_shop::Keys::generate().unwrap())
            .unwrap();
        let mut workspace = project.workspace;
        workspace
            .binaries
            .retain(|binary| binary.name != "place-order");
        for binary in &mut workspace.binaries {
            match binary.name.as_str() {
                "get-order" => binary.test = true,
                "log-in" => binary.package = "functions/orders".into(),
                "get-stock" => binary.name = "got-stock".into(),
                _ => {}
            }
        }
        let told = wrong(&workspace, &shop).join("\n");
        for part in [
            "no [[bin]] place-order",
            "link get-order a second time",
            "log-in is an executable of functions/orders",
            "no [[bin]] get-stock",
            "declares got-stock",
        ] {
            assert!(told.contains(part), "{part} is missing in:\n{told}");
        }
    }
}
