//! What `--help` says: of every command, argument and option a phrase, each written in the same way.

use clap::{Command, CommandFactory, builder::StyledStr};

use crate::Shop;

/// What is wrong with how this is explained.
fn wrong(help: Option<&StyledStr>) -> Option<&'static str> {
    let text = help.map(ToString::to_string).unwrap_or_default();
    if text.is_empty() {
        Some("is not explained")
    } else if text.starts_with(char::is_lowercase) || text.ends_with('.') {
        Some("begins with a small letter, or ends in a full stop")
    } else {
        None
    }
}

/// What is wrong with the help of this command and of those below it, a line each.
fn complaints(command: &Command, path: &str) -> Vec<String> {
    let mut complaints = Vec::new();
    let about = command.get_about();
    complaints.extend(wrong(about).map(|it| format!("{path} {it}")));
    let first = about.map(ToString::to_string).unwrap_or_default();
    if first.split(' ').next().is_some_and(|it| it.ends_with('s')) {
        complaints.push(format!(
            "{path} says what it does, and not what it is told to do"
        ));
    }
    for argument in command.get_arguments() {
        let name = argument.get_id();
        complaints.extend(wrong(argument.get_help()).map(|it| format!("{path} {name} {it}")));
    }
    for below in command.get_subcommands() {
        let path = format!("{path} {}", below.get_name());
        complaints.extend(self::complaints(below, &path));
    }
    complaints
}

#[test]
fn every_command_and_all_that_it_takes_is_explained_in_one_way() {
    let shop = Shop::command();
    let complaints = complaints(&shop, "cargo shop");
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    assert!(shop.get_subcommands().count() > 15);
    shop.debug_assert();
}
