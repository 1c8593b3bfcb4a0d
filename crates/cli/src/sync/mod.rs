//! `cargo shop sync`: what follows from `infra/` is written from it, never by hand.
//!
//! - [`routes`]: the route table of `cargo lambda watch` in the workspace's Cargo.toml.
//! - [`executables`]: an executable an operation, and its `[[bin]]` in the package's Cargo.toml.
//! - [`modules`]: the operations in their package's lib.rs.
//! - [`readme`]: the README's table of operations.
//! - [`dashboard`]: the dashboard's graphs by service, in the template of the service `operations`.
//! - [`openapi`]: the operations with their types, of which the program in `crates/openapi` makes the OpenAPI document. It
//!   makes the schema of events, too.
//! - [`event`]: a sample event an operation.
//!
//! [`wanted`] compares and writes; [`marks`] are the lines between which a part of a file is written.

mod dashboard;
pub mod event;
mod executables;
mod marks;
mod modules;
mod openapi;
mod readme;
mod routes;
mod wanted;

use std::collections::BTreeMap;

use clap::Args;
use local_shop::{Keys, Operation, Shop};
use marks::Marks;
use serde_json::Value;
use wanted::Wanted;

use crate::{
    error::Failure,
    program,
    project::{Project, SHOP},
};

#[derive(Args)]
pub struct Sync {
    /// Write nothing; fail when something differs
    #[arg(long)]
    check: bool,
}

impl Sync {
    pub async fn run(self) -> Result<(), Failure> {
        let mut project = Project::find()?;
        let shop = shop(&project)?;
        if !self.check {
            wanted(&project, &shop)?.write()?;
            // Cargo finds other executables now.
            project = Project::find()?;
        }
        let wrong = wrong(&project, &shop)?;
        if !wrong.is_empty() {
            return Err(Failure::OutOfSync(wrong));
        }
        // They are made of the shop's types, and so by a program that has them compiled.
        let check = self.check.then_some("--check");
        program::run(&project, "openapi", "dev", check).await?;
        println!(
            "{} operations are in step with infra/",
            shop.operations().count()
        );
        Ok(())
    }
}

fn shop(project: &Project) -> Result<Shop, Failure> {
    // Nothing that is written depends on the keys.
    project.shop(&Keys::generate()?)
}

/// Everything that follows from `infra/`.
fn wanted<'p>(project: &'p Project, shop: &Shop) -> Result<Wanted<'p>, Failure> {
    let mut wanted = Wanted::of(&project.workspace.root);
    for (package, operations) in packages(shop) {
        let (manifest, library) = (
            format!("{package}/Cargo.toml"),
            format!("{package}/src/lib.rs"),
        );
        if wanted.now(&manifest)?.is_none() {
            // A folder without one would be an error to Cargo, and so to every command of ours.
            wanted.impossible.push(format!(
                "{package} is no package yet, but infra/ has operations in it; make its Cargo.toml and src/lib.rs as \
                 those of another service, then run `cargo shop sync`"
            ));
            continue;
        }
        for operation in &operations {
            wanted.file(executables::file(operation), executables::source(operation));
        }
        wanted.part(&library, Marks::Rust, &modules::part(&operations))?;
        wanted.part(
            &manifest,
            Marks::Toml,
            &executables::declarations(&operations),
        )?;
    }
    wanted.part("Cargo.toml", Marks::Toml, &routes::part(shop))?;
    wanted.part("README.md", Marks::Markdown, &readme::part(shop, SHOP))?;
    wanted.part(dashboard::FILE, Marks::Yaml, &dashboard::part(shop))?;
    wanted.file(openapi::FILE, openapi::source(shop));
    for operation in shop.operations() {
        let file = format!("events/{}.json", operation.name);
        let before = match wanted.now(&file)? {
            Some(text) => Some(parse(&file, &text)?),
            None => None,
        };
        let text = event::printed(&event::synced(operation, before.as_ref(), SHOP));
        wanted.file(file, text);
    }
    Ok(wanted)
}

/// The operations by their package, in the templates' order.
fn packages(shop: &Shop) -> BTreeMap<&str, Vec<&Operation>> {
    let mut packages: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for operation in shop.operations() {
        packages
            .entry(&operation.package)
            .or_default()
            .push(operation);
    }
    packages
}

/// What is not as it ought to be, each a sentence with the way out.
fn wrong(project: &Project, shop: &Shop) -> Result<Vec<String>, Failure> {
    let wanted = wanted(project, shop)?;
    let differing = wanted.differing()?.into_iter();
    let differing =
        differing.map(|(file, _)| format!("{file} is not what infra/ says; run `cargo shop sync`"));
    let mut wrong: Vec<String> = differing.collect();
    let events = project.workspace.root.join("events");
    wrong.extend(event::without_operation(&events, shop)?);
    wrong.extend(executables::without_operation(&project.workspace, shop));
    for (package, operations) in packages(shop) {
        if wanted.now(&format!("{package}/src/lib.rs"))?.is_some() {
            let root = &project.workspace.root;
            wrong.extend(modules::wrong(root, package, &operations)?);
        }
    }
    wrong.extend(wanted.impossible);
    Ok(wrong)
}

fn parse(file: &str, text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::Malformed {
        file: file.into(),
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests;
