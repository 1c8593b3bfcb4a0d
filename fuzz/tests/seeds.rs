//! The targets over their seeds: inputs of every kind, and whatever a fuzzer once found.

#![allow(clippy::unwrap_used)]

use std::{
    fs,
    path::{Path, PathBuf},
};

use fuzz::{TARGETS, Target};

/// The files in a folder of this package.
fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// How many of these the target takes, and how many it does not.
fn tried(target: &Target, files: &[PathBuf]) -> (usize, usize) {
    let taken = files.iter().filter(|file| {
        // Shown if it fails.
        println!("{}: {}", target.name, file.display());
        (target.run)(&fs::read(file).unwrap())
    });
    let taken = taken.count();
    (taken, files.len() - taken)
}

#[test]
fn every_claim_holds_of_its_seeds_which_are_taken_or_not() {
    for target in &TARGETS {
        let (taken, refused) = tried(target, &files(&format!("seeds/{}", target.name)));
        assert!(taken >= 3, "{}: {taken} seeds are taken", target.name);
        assert!(refused >= 3, "{}: {refused} seeds are not", target.name);
    }
}

#[test]
fn the_sample_event_of_every_route_is_a_request() {
    let target = TARGETS.iter().find(|target| target.name == "event");
    let (taken, _) = tried(target.unwrap(), &files("../events"));
    assert!(taken >= 30, "{taken}");
}

#[test]
fn every_claim_holds_of_its_words_and_of_nothing() {
    for target in &TARGETS {
        println!("{}", target.name);
        assert!(!(target.run)(b""), "{} takes nothing", target.name);
        for word in target.words {
            (target.run)(word.as_bytes());
        }
    }
}
