//! `cargo shop sync`: what follows from `infra/` is written from it, never by hand.

mod binaries;
pub mod event;
mod routes;

use std::path::{Path, PathBuf};

use clap::Args;
use local_shop::Keys;
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
        // Nothing that is written depends on the keys.
        let keys = Keys::generate()?;
        let shop = project.shop(&keys)?;
        let root = &project.workspace.root;

        let manifest = root.join("Cargo.toml");
        let before = read(&manifest)?.unwrap_or_default();
        let mut wanted = vec![Wanted {
            text: routes::written(&before, &shop),
            file: manifest,
        }];
        let events = root.join("events");
        for operation in shop.operations() {
            let file = events.join(format!("{}.json", operation.name));
            let before = match read(&file)? {
                Some(text) => Some(parse(&file, &text)?),
                None => None,
            };
            let event = event::synced(operation, before.as_ref(), SHOP);
            wanted.push(Wanted {
                file,
                text: event::printed(&event),
            });
        }

        let mut wrong = Vec::new();
        for Wanted { file, text } in wanted {
            if read(&file)?.as_deref() == Some(text.as_str()) {
                continue;
            }
            let shown = file.strip_prefix(root).unwrap_or(&file).display();
            if self.check {
                wrong.push(format!(
                    "{shown} is not what infra/ says; run `cargo shop sync`"
                ));
            } else {
                write(&file, &text)?;
                println!("wrote {shown}");
            }
        }
        wrong.extend(event::without_operation(&events, &shop)?);
        wrong.extend(binaries::wrong(&project.workspace, &shop));
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
