//! Commands whose output nobody reads any more, as behind `head`.

use std::process::Command;

/// How a command ends whose readers have gone before it began to print.
fn ends(arguments: &[&str]) -> std::io::Result<Option<i32>> {
    let (reader, writer) = std::io::pipe()?;
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_cli"));
    command.args(arguments);
    command.stdout(writer.try_clone()?).stderr(writer);
    Ok(command.status()?.code())
}

#[test]
fn what_nobody_reads_is_done_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        ends(&["events", folder.path().to_str().unwrap()]).unwrap(),
        Some(0)
    );
    let written = std::fs::read_dir(folder.path()).unwrap().count();
    assert!(written > 20, "{written}");
}

#[test]
fn a_refusal_that_nobody_reads_has_its_exit_code() {
    assert_eq!(ends(&["demo", "--url", "garbage"]).unwrap(), Some(2));
}
