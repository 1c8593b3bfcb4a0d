//! Whether the harness bites: bugs are planted in a copy of the shop, one at a time, and the guarantee that should notice
//! is run on it.
//!
//! [`bugs`] is the list. A bug whose text is not found any more, or that no longer compiles, is an error, not a bug that
//! went unnoticed.

pub mod bugs;
mod copy;

use std::{
    io,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

pub use bugs::BUGS;
pub use copy::WorkspaceCopy;

/// A bug to be planted.
#[derive(Clone, Copy, Debug)]
pub struct Bug {
    /// Its name.
    pub name: &'static str,
    /// What somebody might believe who writes it.
    pub meaning: &'static str,
    /// The file it is planted in, from the workspace's root.
    pub file: &'static str,
    /// What stands there, exactly once.
    pub find: &'static str,
    /// What stands there instead.
    pub plant: &'static str,
    /// The guarantee that should notice.
    pub guarantee: &'static str,
    /// Within how many runs of it.
    pub runs: u64,
}

/// How much of a violation is told.
const WORDS: usize = 30;

/// What became of a planted bug.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The guarantee's runs found it; this is the first thing they said.
    Caught(String),
    /// They did not.
    Missed,
}

/// A bug can't be planted, so nothing is known of whether it would be caught.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum NotPlanted {
    #[error("its text stands {times} times in {file}, not once: bring the bug up to date")]
    Text { file: &'static str, times: usize },
    #[error("with it, the shop does not compile: bring the bug up to date\n{0}")]
    Compile(String),
    #[error("without any bug the runs find something already: {0}")]
    Unsound(String),
    #[error("the runs ended by neither holding nor failing ({status}):\n{output}")]
    Ended { status: String, output: String },
    #[error("{}: {source}", file.display())]
    File { file: PathBuf, source: io::Error },
    #[error("Cargo can't be started: {0}")]
    NoCargo(io::Error),
}

/// Makes the runs that are to notice bugs on the copy without any: where they find something already, they would find it
/// with every bug.
pub fn try_sound(copy: &WorkspaceCopy, guarantee: &str, runs: u64) -> Result<(), NotPlanted> {
    build(copy)?;
    match look(copy, guarantee, runs)? {
        Fate::Missed => Ok(()),
        Fate::Caught(how) => Err(NotPlanted::Unsound(how)),
    }
}

impl Bug {
    /// Plants it in the copy, makes the runs that should notice it, and takes it out again.
    pub fn try_out(&self, copy: &WorkspaceCopy) -> Result<Fate, NotPlanted> {
        let file = copy.root().join(self.file);
        let at = |source| NotPlanted::File {
            file: file.clone(),
            source,
        };
        let sound = std::fs::read_to_string(&file).map_err(at)?;
        let times = sound.matches(self.find).count();
        if times != 1 {
            let file = self.file;
            return Err(NotPlanted::Text { file, times });
        }
        std::fs::write(&file, sound.replace(self.find, self.plant)).map_err(at)?;
        let fate = build(copy).and_then(|()| look(copy, self.guarantee, self.runs));
        std::fs::write(&file, sound).map_err(at)?;
        fate
    }
}

fn build(copy: &WorkspaceCopy) -> Result<(), NotPlanted> {
    let built = cargo(copy, &["build", "--quiet", "--bin", "prove"])?;
    match built.status.success() {
        true => Ok(()),
        false => Err(NotPlanted::Compile(text(&built.stderr))),
    }
}

fn look(copy: &WorkspaceCopy, guarantee: &str, runs: u64) -> Result<Fate, NotPlanted> {
    let runs = runs.to_string();
    let mut arguments = vec!["run", "--quiet", "--bin", "prove", "--"];
    arguments.extend([guarantee, "--runs", &runs]);
    let ran = cargo(copy, &arguments)?;
    let found = first_violation(&text(&ran.stdout));
    match ran.status.code() {
        Some(0) => Ok(Fate::Missed),
        Some(1) if !found.is_empty() => Ok(Fate::Caught(found)),
        _ => Err(NotPlanted::Ended {
            status: ran.status.to_string(),
            output: text(&ran.stderr),
        }),
    }
}

/// The first thing that a report says was violated, in a line.
fn first_violation(report: &str) -> String {
    let lines = report.lines().map(str::trim);
    let from = lines.skip_while(|it| !it.starts_with("run "));
    let first = from.take_while(|it| !it.starts_with("again: "));
    let words: Vec<&str> = first.flat_map(str::split_whitespace).take(WORDS).collect();
    words.join(" ")
}

fn cargo(copy: &WorkspaceCopy, arguments: &[&str]) -> Result<Output, NotPlanted> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    local_shop::functions::forget_cargo(&mut cargo);
    cargo
        .current_dir(copy.root())
        .env("CARGO_TARGET_DIR", copy.target())
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(NotPlanted::NoCargo)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

/// Whether two paths name the same folder, as far as that can be told.
fn same(one: &Path, other: &Path) -> bool {
    one.canonicalize().ok() == other.canonicalize().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GUARANTEES;

    #[test]
    fn every_guarantee_has_a_bug_that_it_should_notice() {
        for guarantee in GUARANTEES {
            let noticed = BUGS.iter().any(|bug| bug.guarantee == guarantee.name);
            assert!(noticed, "{} was never seen to fail", guarantee.name);
        }
    }

    #[test]
    fn every_bug_can_be_planted_in_one_place() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for bug in BUGS {
            let text = std::fs::read_to_string(root.join(bug.file)).unwrap();
            assert_eq!(text.matches(bug.find).count(), 1, "{}", bug.name);
        }
    }
}
