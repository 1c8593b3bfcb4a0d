//! Keys are kept in a folder of each test's own.

use super::*;

#[test]
fn keys_are_made_once_and_are_their_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state/keys.json");
    let made = Keys::load_or_make(&file).unwrap();
    let loaded = Keys::load_or_make(&file).unwrap();
    assert_eq!(made.parameters("s"), loaded.parameters("s"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn two_shops_share_no_key() {
    let (one, other) = (Keys::generate().unwrap(), Keys::generate().unwrap());
    assert_ne!(one.token_signing_key, other.token_signing_key);
    assert_ne!(one.cursor_key, other.cursor_key);
    assert_ne!(one.cursor_key, one.refresh_token_key);
    assert!(one.cursor_key.len() >= 32);
}

#[test]
fn a_key_is_replaced_while_the_one_before_still_proves_and_taken_out_later() {
    let first = Keys::generate().unwrap();
    let [TokenKey { kid: old, .. }] = first.token_keys().try_into().unwrap();
    let both = first.rotated().unwrap();
    let signs: Vec<bool> = both.token_keys().iter().map(|key| key.signs).collect();
    assert_eq!(signs, [true, false]);
    assert_eq!(both.token_keys()[1].kid, old);
    assert_ne!(both.token_signing_key, first.token_signing_key);
    assert_eq!(both.refresh_token_key, first.refresh_token_key);
    let new = &both.token_keys()[0].kid;
    assert!(matches!(both.without(new), Err(KeysError::Signs(kid)) if kid == *new));
    assert!(matches!(both.without("x"), Err(KeysError::Unknown(_))));
    let last = both.without(&old).unwrap();
    assert_eq!(last.token_keys(), both.token_keys()[..1]);
}

#[test]
fn keys_that_were_replaced_are_kept_until_the_next_change() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.json");
    let first = Keys::load_or_make(&file).unwrap();
    let second = first.renewed(Renewable::Link).unwrap();
    second.replace(&first, &file).unwrap();
    assert!(Keys::load_or_make(&file).unwrap() == second);
    assert!(Keys::load_or_make(&previous_file(&file)).unwrap() == first);
    let third = second.rotated().unwrap();
    third.replace(&second, &file).unwrap();
    assert!(Keys::load_or_make(&previous_file(&file)).unwrap() == second);
}

#[test]
fn a_broken_file_is_told_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.json");
    std::fs::write(&file, "{}").unwrap();
    let error = Keys::load_or_make(&file).err().unwrap().to_string();
    assert!(error.contains("delete it"), "{error}");
}

#[test]
fn going_back_lets_the_keys_before_sign_and_the_newer_one_prove() {
    let first = Keys::generate().unwrap();
    let second = first.rotated().unwrap().renewed(Renewable::Link).unwrap();
    let [new, old]: [TokenKey; 2] = second.token_keys().try_into().unwrap();
    assert!(new.signs && !old.signs);
    let back = second.back_to(&first);
    let known = back.token_keys();
    let kids: Vec<_> = known.iter().map(|it| (it.kid.as_str(), it.signs)).collect();
    assert_eq!(kids, [(old.kid.as_str(), true), (new.kid.as_str(), false)]);
    assert!(back.secrets() == first.secrets());
    // There it is until it is taken out.
    assert_eq!(back.without(&new.kid).unwrap().token_keys().len(), 1);
    // What is known to both is there once.
    assert_eq!(back.back_to(&second).token_keys(), second.token_keys());
}

#[test]
fn a_file_that_is_not_there_is_made_only_where_that_is_meant() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.json");
    assert!(Keys::load(&file).unwrap().is_none());
    assert!(!file.exists());
    let made = Keys::load_or_make(&file).unwrap();
    assert!(Keys::load(&file).unwrap() == Some(made));
}
