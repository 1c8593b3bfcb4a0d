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
fn a_key_whose_id_begins_with_a_hyphen_can_be_named() {
    let action = |arguments: &[&str]| parsed(arguments).unwrap().action;
    for id in ["-P", "--f_", "-f-_A1b2", "A1b2"] {
        let retire = action(&["retire", id, "--for", "ox"]);
        assert!(
            matches!(&retire, Some(Action::Retire { kid }) if kid == id),
            "{id}"
        );
    }
    let help = parsed(&["retire", "--help"]).err().unwrap();
    assert!(help.contains("Usage"), "{help}");
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
        Action::Back,
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
    // Who makes first keys may not know that the shop runs with others.
    assert!(!first.contains("--overwrite"), "{first}");
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
    assert_eq!(
        told.matches("put-parameter --overwrite").count(),
        2,
        "{told}"
    );
    // A key that has nothing to do with it is renewed without a word of it.
    let renewed = done(state.path(), &["renew", "cursor-key", "--for", "ox"]).unwrap();
    assert!(!renewed.contains("retire"), "{renewed}");
    let listed = done(state.path(), &["--for", "ox"]).unwrap();
    assert!(listed.contains("proves what it signed before"), "{listed}");
    assert!(listed.contains("retire") && !listed.contains("put-parameter"));
}

/// What is said to be done, by the places in the text: the public keys and a deployment, then the rest and another.
fn assert_two_deployments(told: &str) {
    let steps = [
        "Put the public keys, and deploy with another SecretsVersion",
        "--name /ox/token-public-keys",
        "deploy with another SecretsVersion again",
        "--name /ox/token-signing-key",
        "--name /ox/refresh-token-key",
    ];
    let at = steps.map(|step| told.find(step).unwrap_or_else(|| panic!("{step}: {told}")));
    assert!(at.is_sorted(), "{told}");
    assert_eq!(told.matches("put-parameter").count(), 5, "{told}");
}

#[test]
fn all_of_the_keys_are_put_in_place_by_two_deployments_unless_they_are_the_first() {
    let state = tempfile::tempdir().unwrap();
    let first = done(state.path(), &["make", "--for", "ox"]).unwrap();
    assert!(!first.contains("deploy with"), "{first}");
    // A command that was cut short has changed the keys, and told nobody what to do.
    done(state.path(), &["renew", "link-key", "--for", "ox"]).unwrap();
    let told = done(state.path(), &["commands", "--for", "ox"]).unwrap();
    assert_two_deployments(&told);
}

#[test]
fn going_back_over_a_rotation_keeps_the_newer_key_to_prove_until_it_is_retired() {
    let state = tempfile::tempdir().unwrap();
    let file = state.path().join("keys/ox/keys.json");
    done(state.path(), &["make", "--for", "ox"]).unwrap();
    let none = done(state.path(), &["back", "--for", "ox"]);
    assert!(matches!(none, Err(Failure::NoKeysBefore { .. })));
    let first = Keys::load(&file).unwrap().unwrap();
    let rotated = done(state.path(), &["rotate", "--for", "ox"]).unwrap();
    assert!(
        rotated.contains("`cargo shop keys back --for ox`"),
        "{rotated}"
    );
    let second = Keys::load(&file).unwrap().unwrap();
    let told = done(state.path(), &["back", "--for", "ox"]).unwrap();
    assert_two_deployments(&told);
    assert!(told.contains("retire --for ox"), "{told}");
    let back = Keys::load(&file).unwrap().unwrap();
    assert!(back.secrets() == first.secrets());
    let known = back.token_keys();
    let [signs, proves] = &known[..] else {
        panic!("{told}")
    };
    assert!(signs.signs && !proves.signs);
    assert_eq!(signs.kid, first.token_keys()[0].kid);
    assert_eq!(proves.kid, second.token_keys()[0].kid);
    done(state.path(), &["retire", &proves.kid, "--for", "ox"]).unwrap();
    // That was a change, too.
    done(state.path(), &["back", "--for", "ox"]).unwrap();
    assert!(Keys::load(&file).unwrap() == Some(back));
}

#[test]
fn a_second_command_changes_nothing_while_another_is_at_work() {
    let state = tempfile::tempdir().unwrap();
    done(state.path(), &["make", "--for", "ox"]).unwrap();
    let file = state.path().join("keys/ox/keys.json");
    let before = std::fs::read(&file).unwrap();
    let lock = Lock::take(&file).unwrap();
    for second in [&["rotate"][..], &["renew", "link-key"], &["commands"]] {
        let second = [second, &["--for", "ox"]].concat();
        let busy = done(state.path(), &second).unwrap_err();
        assert!(
            busy.to_string()
                .starts_with("another `cargo shop keys` is at work")
        );
        assert_eq!(std::fs::read(&file).unwrap(), before);
    }
    drop(lock);
    done(state.path(), &["rotate", "--for", "ox"]).unwrap();
    // Who names a shop that has no keys leaves nothing behind.
    assert!(done(state.path(), &["rotate", "--for", "oy"]).is_err());
    assert!(!state.path().join("keys/oy").exists());
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
