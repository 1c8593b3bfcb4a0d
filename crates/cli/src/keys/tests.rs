//! Keys are changed in a folder of the test's own.

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    keys: KeysCommand,
}

fn parsed(arguments: &[&str]) -> Result<KeysCommand, String> {
    let line = Line::try_parse_from(["keys"].iter().chain(arguments));
    line.map(|line| line.keys)
        .map_err(|error| error.to_string())
}

fn done(state: &Path, arguments: &[&str]) -> Result<String, Failure> {
    parsed(arguments).unwrap().done(state, None)
}

fn running(command: &str) -> Running {
    Running {
        command: command.to_owned(),
        pid: 1,
        url: None,
        dynamodb: None,
    }
}

#[test]
fn a_shop_is_named_before_or_after_what_is_done() {
    for line in [
        &["--for", "oxcart-prod", "rotate"][..],
        &["rotate", "--for", "oxcart-prod"],
    ] {
        let keys = parsed(line).unwrap();
        assert_eq!(keys.shop.as_deref(), Some("oxcart-prod"));
        assert!(matches!(keys.action, Some(Action::Rotate)));
    }
    assert!(parsed(&["retire"]).is_err());
    assert!(parsed(&["renew"]).is_err());
}

#[test]
fn keys_change_only_when_that_is_asked_for() {
    let kid = "k".to_owned();
    let key = Renewable::Link;
    for changes in [
        Action::Rotate,
        Action::Retire { kid },
        Action::Renew { key },
    ] {
        assert!(changes.changes());
    }
    for stays in [Action::List, Action::Make, Action::Commands] {
        assert!(!stays.changes());
    }
}

#[test]
fn what_is_no_shops_name_is_refused() {
    for good in ["ox", "oxcart-prod", &"a".repeat(37)] {
        assert!(name(good).is_ok(), "{good}");
    }
    for bad in ["", "x", "../prod", "Prod", "-prod", "a/b", &"a".repeat(38)] {
        assert!(name(bad).is_err(), "{bad}");
    }
}

#[test]
fn what_is_no_keys_name_is_refused_with_those_that_are_and_with_the_other_way() {
    let unknown = parsed(&["renew", "session-key"]).err().unwrap();
    for key in Renewable::ALL {
        assert!(unknown.contains(key.name()), "{unknown}");
    }
    let signing = parsed(&["renew", "token-signing-key"]).err().unwrap();
    assert!(signing.contains("`cargo shop keys rotate`"), "{signing}");
    // The help names them, too.
    let help = parsed(&["renew", "--help"]).err().unwrap();
    for key in Renewable::ALL {
        assert!(help.contains(key.name()), "{help}");
    }
}

#[test]
fn a_key_of_a_shop_on_aws_is_renewed_and_the_way_into_its_parameter_store_told() {
    let state = tempfile::tempdir().unwrap();
    let folder = state.path().join("keys/ox");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let none = done(state.path(), &["renew", "link-key", "--for", "ox"]);
    assert!(matches!(none, Err(Failure::NoKeys { .. })));
    done(state.path(), &["make", "--for", "ox"]).unwrap();
    for (key, ends) in [
        (Renewable::RefreshToken, "every session ends"),
        (Renewable::Link, "no link that was sent by mail"),
        (Renewable::Cursor, "no cursor is good"),
    ] {
        let before = read("keys.json");
        let told = done(state.path(), &["renew", key.name(), "--for", "ox"]).unwrap();
        assert!(told.contains(ends), "{told}");
        let put = format!("--type SecureString --name /ox/{} --value", key.name());
        assert!(told.contains(&put), "{told}");
        assert_eq!(told.matches("put-parameter").count(), 1, "{told}");
        assert!(
            told.contains("deploy with another SecretsVersion"),
            "{told}"
        );
        assert!(told.contains("keys.before.json"), "{told}");
        assert_eq!(read("keys.before.json"), before);
        let now = Keys::load_or_make(&folder.join("keys.json")).unwrap();
        let value = read(key.name());
        assert!(now.secrets().contains(&(key.name(), value.as_str())));
        assert!(!before.contains(&value));
        // What is told holds no secret.
        assert!(!told.contains(&value));
    }
    #[cfg(unix)]
    for file in std::fs::read_dir(&folder).unwrap() {
        use std::os::unix::fs::PermissionsExt;
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.path().display());
    }
}

#[test]
fn another_key_that_signs_is_told_in_two_steps_and_its_end_after_them() {
    let state = tempfile::tempdir().unwrap();
    let first = done(state.path(), &["make", "--for", "ox"]).unwrap();
    assert_eq!(first.matches("put-parameter").count(), 5, "{first}");
    assert!(!first.contains("deploy"), "{first}");
    let again = done(state.path(), &["make", "--for", "ox"]);
    assert!(matches!(again, Err(Failure::KeysThere { .. })));
    let told = done(state.path(), &["rotate", "--for", "ox"]).unwrap();
    let steps = [
        "/ox/token-public-keys",
        "/ox/token-signing-key",
        "retire --for ox",
    ];
    let at = steps.map(|step| told.find(step).unwrap());
    assert!(at.is_sorted(), "{told}");
    assert_eq!(told.matches("put-parameter").count(), 2, "{told}");
    // A key that has nothing to do with it is renewed without a word of it.
    let renewed = done(state.path(), &["renew", "cursor-key", "--for", "ox"]).unwrap();
    assert!(!renewed.contains("retire"), "{renewed}");
    let listed = done(state.path(), &["--for", "ox"]).unwrap();
    assert!(listed.contains("proves what it signed before"), "{listed}");
    assert!(listed.contains("retire") && !listed.contains("put-parameter"));
}

#[test]
fn the_local_shop_takes_another_key_when_it_starts_again() {
    let state = tempfile::tempdir().unwrap();
    let none = done(state.path(), &["renew", "link-key"]);
    assert!(matches!(none, Err(Failure::NoLocalKeys { .. })));
    done(state.path(), &["list"]).unwrap();
    let told = done(state.path(), &["renew", "link-key"]).unwrap();
    assert!(told.contains("at its next start"), "{told}");
    assert!(!told.contains("put-parameter"), "{told}");
    for (command, again) in [
        ("up", "Stop it with Ctrl-C"),
        ("db", "and then `cargo lambda watch`"),
    ] {
        let renew = parsed(&["renew", "link-key"]).unwrap();
        let told = renew.done(state.path(), Some(&running(command))).unwrap();
        let runs = format!("`cargo shop {command}` runs here");
        assert!(told.contains(&runs) && told.contains(again), "{told}");
    }
    // Nothing changed, so there is nothing to take.
    let listed = done(state.path(), &["list"]).unwrap();
    assert_eq!(listed.lines().count(), 1, "{listed}");
}
