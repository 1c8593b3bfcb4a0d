//! `cargo shop sync`: what follows from `infra/` is written from it, never by hand.

mod binaries;
pub mod event;
mod routes;

use std::path::{Path, PathBuf};

use clap::Args;
use local_shop::{Keys, Shop};
use serde_json::Value;

use crate::{
    error::Failure,
    project::{Project, SHOP},
};

#[derive(Args)]
pub struct Sync {
    /// Write nothing; fail when something differs
    #[arg(long)]
    check: bool,
}

/// A file and what it ought to hold.
struct Wanted {
    file: PathBuf,
    text: String,
}

impl Sync {
    pub async fn run(self) -> Result<(), Failure> {
        let project = Project::find()?;
        let root = &project.workspace.root;
        let shop = shop(&project)?;
        for Wanted { file, text } in differing(&project, &shop)? {
            if !self.check {
                write(&file, &text)?;
                println!(
                    "wrote {}",
                    file.strip_prefix(root).unwrap_or(&file).display()
                );
            }
        }
        let wrong = wrong(&project, &shop)?;
        if !wrong.is_empty() {
            return Err(Failure::OutOfSync(wrong));
        }
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

/// The files that are not as they ought to be.
fn differing(project: &Project, shop: &Shop) -> Result<Vec<Wanted>, Failure> {
    let root = &project.workspace.root;
    let mut wanted = Vec::new();
    let file = root.join("Cargo.toml");
    let text = routes::written(&read(&file)?.unwrap_or_default(), shop);
    wanted.push(Wanted { file, text });
    for operation in shop.operations() {
        let file = root.join("events").join(format!("{}.json", operation.name));
        let before = match read(&file)? {
            Some(text) => Some(parse(&file, &text)?),
            None => None,
        };
        let text = event::printed(&event::synced(operation, before.as_ref(), SHOP));
        wanted.push(Wanted { file, text });
    }
    let mut differing = Vec::new();
    for wanted in wanted {
        if read(&wanted.file)?.as_deref() != Some(wanted.text.as_str()) {
            differing.push(wanted);
        }
    }
    Ok(differing)
}

/// What is not as it ought to be, each a sentence with the way out.
fn wrong(project: &Project, shop: &Shop) -> Result<Vec<String>, Failure> {
    let root = &project.workspace.root;
    let files = differing(project, shop)?
        .into_iter()
        .map(|Wanted { file, .. }| {
            let shown = file.strip_prefix(root).unwrap_or(&file).display();
            format!("{shown} is not what infra/ says; run `cargo shop sync`")
        });
    let mut wrong: Vec<String> = files.collect();
    wrong.extend(event::without_operation(&root.join("events"), shop)?);
    wrong.extend(binaries::wrong(&project.workspace, shop));
    Ok(wrong)
}

fn read(file: &Path) -> Result<Option<String>, Failure> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::at(file)(error)),
    }
}

fn write(file: &Path, text: &str) -> Result<(), Failure> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(Failure::at(folder))?;
    }
    std::fs::write(file, text).map_err(Failure::at(file))
}

fn parse(file: &Path, text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::Malformed {
        file: file.to_owned(),
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_events_and_executables_are_in_step_with_infra() {
        let project = Project::find().unwrap();
        let wrong = wrong(&project, &shop(&project).unwrap()).unwrap();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
