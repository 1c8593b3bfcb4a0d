//! Where the store calls DynamoDB: every place that its source has, and those that were reached. A call says in the log where
//! it stands (`crates/store/src/site.rs`).

use std::{collections::BTreeSet, fmt, path::Path};

use super::source::Source;

/// Places that no test over HTTP reaches, by name, and why. One that is reached or gone has to leave the list.
const UNREACHED: &[(&str, &str)] = &[];

/// A place in the source, as file and line.
pub type Place = (String, usize);

/// A place as editors open it.
pub struct At<'p>(pub &'p Place);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, line) = self.0;
        write!(f, "crates/store/src/{file}:{line}")
    }
}

/// The places that a log tells of.
pub fn reached(log: &str) -> impl Iterator<Item = Place> {
    log.lines().filter_map(|line| {
        let (_, site) = line.split_once(" site=")?;
        let site = site.split_whitespace().next()?;
        let (_, site) = site.split_once("crates/store/src/")?;
        let mut parts = site.split(':');
        let (file, line) = (parts.next()?, parts.next()?);
        Some((file.to_owned(), line.parse().ok()?))
    })
}

/// What is wrong with the store's calls when these are the places that were reached: a sentence each, with the way out.
pub fn complaints(reached: &BTreeSet<Place>) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/store/src");
    compare(Source::read(&folder), reached, UNREACHED)
}

fn compare(source: Source, reached: &BTreeSet<Place>, excused: &[(&str, &str)]) -> Vec<String> {
    let Source {
        sites,
        wrong: mut complaints,
    } = source;
    let excused: BTreeSet<&str> = excused.iter().map(|(name, _)| *name).collect();
    for (place, name) in &sites {
        let at = At(place);
        match (reached.contains(place), excused.contains(name.as_str())) {
            (false, false) => complaints.push(format!(
                "{at}, {name}, was never reached: bring it about in tests/it/permissions/scenes.rs"
            )),
            (true, true) => complaints.push(format!(
                "{at}, {name}, was reached: take it out of UNREACHED in tests/it/permissions/sites.rs"
            )),
            (true, false) | (false, true) => {}
        }
    }
    let names: BTreeSet<&str> = sites.values().map(String::as_str).collect();
    for name in excused.difference(&names) {
        complaints.push(format!(
            "{name} is gone: take it out of UNREACHED in tests/it/permissions/sites.rs"
        ));
    }
    for place in reached.iter().filter(|place| !sites.contains_key(*place)) {
        complaints.push(format!(
            "{} was reached, and tests/it/permissions/source.rs finds no call there: write it as the others",
            At(place)
        ));
    }
    complaints
}

#[test]
fn a_call_that_was_never_made_fails_by_name_and_so_does_an_excuse_without_a_call() {
    let place = |line: usize| ("shop/mod.rs".to_owned(), line);
    let source = || Source {
        sites: [
            (place(2), "shop/mod.rs f: get".to_owned()),
            (place(3), "shop/mod.rs f: write".to_owned()),
        ]
        .into(),
        wrong: Vec::new(),
    };
    let log = "DEBUG called site=crates/store/src/shop/mod.rs:2:5
INFO request operation=\"f\"
DEBUG Lambda runtime invoke{requestId=\"a\"}: called site=/x/crates/store/src/shop/mod.rs:2:5
";
    let reached: BTreeSet<Place> = reached(log).collect();
    assert_eq!(reached, BTreeSet::from([place(2)]));
    let never = "crates/store/src/shop/mod.rs:3, shop/mod.rs f: write, was never reached: bring it about in \
                 tests/it/permissions/scenes.rs";
    assert_eq!(compare(source(), &reached, &[]), [never]);
    let write = ("shop/mod.rs f: write", "a reason");
    assert_eq!(compare(source(), &reached, &[write]), [""; 0]);
    for (name, told) in [
        ("shop/mod.rs f: get", "was reached: take it out"),
        ("shop/mod.rs f: scan", "is gone: take it out"),
    ] {
        let complaints = compare(source(), &reached, &[write, (name, "a reason")]);
        assert!(complaints.concat().contains(told), "{complaints:?}");
    }
    let elsewhere = BTreeSet::from([place(2), place(3), place(9)]);
    let complaints = compare(source(), &elsewhere, &[]);
    assert!(
        matches!(&complaints[..], [one] if one.contains("mod.rs:9 was reached, and")),
        "{complaints:?}"
    );
}
