//! That whoever runs a command against a shop's tables is told which rights they need.

use std::{collections::BTreeSet, path::Path};

use clap::CommandFactory;

use crate::Shop;

#[test]
fn every_command_that_reaches_a_dynamodb_has_its_rights_in_the_page_about_operations() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operations.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, section) = page.split_once("\n## Rights to run a command\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    // A row may be about a command with an option.
    let told = rows.filter_map(|row| row.split(['`', ' ']).next());
    let told: BTreeSet<&str> = told.collect();
    let shop = Shop::command();
    let reaching = shop.get_subcommands().filter(|command| {
        let mut arguments = command.get_arguments();
        arguments.any(|argument| argument.get_id().as_str() == "endpoint")
    });
    let reaching: BTreeSet<&str> = reaching.map(|command| command.get_name()).collect();
    assert_eq!(told, reaching);
    assert!(reaching.len() > 5, "only {reaching:?} are found");
}
