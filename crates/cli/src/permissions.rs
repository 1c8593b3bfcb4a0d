//! `cargo shop permissions`: what each function may do, by the policies in the templates. It only reads.

use std::fmt::Write;

use clap::Args;
use local_shop::{Declared, Permission};

use crate::{error::Failure, out::print, project::Project};

/// The widest that a line for people gets.
const WIDTH: usize = 120;
/// Where a resource begins in it.
const RESOURCES: usize = 58;

#[derive(Args)]
pub struct Permissions {
    /// Print them as JSON, for programs
    #[arg(long)]
    json: bool,
}

impl Permissions {
    pub async fn run(self) -> Result<(), Failure> {
        let project = Project::find()?;
        let found = local_shop::Permissions::load(&project.workspace.infra())?;
        if self.json {
            // What has texts and numbers alone always serializes.
            let json = serde_json::to_string_pretty(&found).unwrap_or_default();
            print(&(json + "\n"))
        } else {
            print(&told(&found))
        }
    }
}

/// The table for people, by service and function, and how much there is.
fn told(found: &local_shop::Permissions) -> String {
    let mut told = String::new();
    let (mut service, mut function) = ("", "");
    // Writing to a String can't fail.
    for permission in &found.permissions {
        if permission.service != service {
            service = &permission.service;
            let gap = if told.is_empty() { "" } else { "\n" };
            let _ = writeln!(told, "{gap}{service}");
        }
        let is_same = permission.function == function;
        function = &permission.function;
        let named = if is_same { "" } else { function };
        let begin = format!("  {named:<28}{:<28}", permission.action);
        told.push_str(&wrapped(begin, &clauses(permission)));
    }
    told.push_str(
        "\nEach function may write its log as well, by the role that SAM makes for it. <Shop> and its like are parameters.\n\n",
    );
    counts(&mut told, &found.templates);
    told
}

/// What a permission is about and under which conditions, in parts that stay whole.
fn clauses(permission: &Permission) -> Vec<String> {
    let mut clauses = vec![permission.resource.clone()];
    clauses.extend(permission.keys.iter().map(|keys| format!("of {keys}")));
    clauses.extend(permission.conditions.iter().map(|it| format!("where {it}")));
    if !permission.when.is_empty() {
        clauses.push(format!("if {}", permission.when.join(" and ")));
    }
    clauses
}

/// These parts behind the beginning of a line. One that has no room stands below the first.
fn wrapped(begin: String, clauses: &[String]) -> String {
    let (mut lines, mut line) = (String::new(), begin);
    for (number, clause) in clauses.iter().enumerate() {
        if number > 0 && line.len() + 1 + clause.len() > WIDTH {
            lines.push_str(&line);
            lines.push('\n');
            line = " ".repeat(RESOURCES + 1);
        } else if number > 0 {
            line.push(' ');
        }
        line.push_str(clause);
    }
    lines + &line + "\n"
}

/// A row a template, and one of all.
fn counts(told: &mut String, templates: &[Declared]) {
    let mut all = Declared {
        template: "all".to_owned(),
        ..Declared::default()
    };
    for of_one in templates {
        all.functions += of_one.functions;
        all.statements += of_one.statements;
        all.actions += of_one.actions;
        all.resources += of_one.resources;
    }
    let heads = [
        "template",
        "functions",
        "statements",
        "actions",
        "resources",
    ];
    let [template, functions, statements, actions, resources] = heads;
    // Writing to a String can't fail.
    let _ = writeln!(
        told,
        "{template:<20}{functions:>10}{statements:>12}{actions:>10}{resources:>11}"
    );
    for it in templates.iter().chain([&all]) {
        let _ = writeln!(
            told,
            "{:<20}{:>10}{:>12}{:>10}{:>11}",
            it.template, it.functions, it.statements, it.actions, it.resources
        );
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of_the_shop() -> local_shop::Permissions {
        let infra = Project::find().unwrap().workspace.infra();
        local_shop::Permissions::load(&infra).unwrap()
    }

    #[test]
    fn a_function_is_named_once_before_what_it_may_do() {
        let told = told(&of_the_shop());
        for lines in [
            "\norders\n  place-order                 dynamodb:BatchGetItem       table/<Shop>-orders\n",
            "                              dynamodb:GetItem            table/<Shop>-orders\n",
            "  audit-shop                  dynamodb:Scan               table/<Shop>-orders\n",
            "dynamodb:PutItem            table/<Shop>-provider if BuiltInProvider\n",
            "dynamodb:GetItem            table/<Shop>-users of USER#*\n",
        ] {
            assert!(told.contains(lines), "{lines} is missing in:\n{told}");
        }
        assert_eq!(told.matches("  place-order ").count(), 1, "{told}");
        let widest = told.lines().map(str::len).max();
        assert!(widest.is_some_and(|it| it <= WIDTH), "{widest:?}:\n{told}");
    }

    #[test]
    fn programs_get_every_name_and_no_member_that_says_nothing() {
        let found = serde_json::to_value(of_the_shop()).unwrap();
        let permissions = found["permissions"].as_array().unwrap();
        let of_ledger = json!({
            "service": "operations", "function": "audit-shop", "action": "dynamodb:Scan",
            "resource": "table/<Shop>-provider", "when": ["BuiltInProvider"],
        });
        assert!(permissions.contains(&of_ledger), "{found:#}");
        assert_eq!(found["templates"][0]["template"], "template.yaml");
    }

    #[test]
    fn what_has_no_room_in_a_line_stands_below() {
        let permission = Permission {
            resource: "identity/<MailIdentity>".to_owned(),
            conditions: vec!["ses:FromAddress is <MailFrom>".to_owned()],
            when: vec!["not BuiltInMailer".to_owned()],
            ..Permission::default()
        };
        let lines = wrapped("x".repeat(RESOURCES), &clauses(&permission));
        let (first, second) = lines.split_once('\n').unwrap();
        assert!(first.ends_with("xidentity/<MailIdentity> where ses:FromAddress is <MailFrom>"));
        assert_eq!(second.trim_start(), "if not BuiltInMailer\n");
        assert_eq!(second.len(), RESOURCES + 1 + "if not BuiltInMailer\n".len());
    }

    #[test]
    fn each_template_is_counted_and_all_together() {
        let mut found = of_the_shop();
        let counted = |told: String| -> Vec<Vec<String>> {
            let (_, table) = told.split_once("\ntemplate ").unwrap();
            let rows = table.lines().skip(1);
            rows.map(|row| row.split_whitespace().map(str::to_owned).collect())
                .collect()
        };
        let rows = counted(told(&found));
        let names: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
        let first = ["template.yaml", "users.yaml"];
        assert_eq!((&names[..2], names.last()), (&first[..], Some(&"all")));
        assert_eq!(rows[0][1..4], ["0", "0", "0"]);
        found.templates.truncate(2);
        let rows = counted(told(&found));
        let sum = |column: usize| -> usize {
            let numbers = rows[..2].iter().map(|row| row[column].parse::<usize>());
            numbers.map(Result::unwrap).sum()
        };
        for column in 1..5 {
            assert_eq!(rows[2][column], sum(column).to_string(), "{rows:?}");
        }
    }
}
